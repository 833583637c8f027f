package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.Disk.Layer;
import dev.platter.Extent;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import dev.platter.operation.AllocationMap;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// `map`: the runs of a disk and where they are stored.
final class MapCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("OFFSET", "Where to start on the disk.", "-s", "--start-offset")
        .value("LENGTH", "How many bytes to look at.", "-l", "--max-length")
        .value("FORM", "human (the default) or json.", "--output")
        .files("FILE", 1, 1, "The image.");
    Images.describe(syntax);
    syntax.notes(
        "For people only data is listed. A compressed run has 'compressed' for its place.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    boolean json = arguments.json();
    try (Disk disk = images.open(arguments.file(), arguments.text("-f"), Access.READ)) {
      long start = arguments.size("-s").orElse(0L);
      if (start > disk.size()) {
        throw new UsageException(
            "-s " + start + " is behind the end of the disk, which has " + disk.size() + " bytes");
      }
      long length = Math.min(arguments.size("-l").orElse(Long.MAX_VALUE), disk.size() - start);
      ProgressBar silent = ProgressBar.of(Arguments.forHelp(), console, false);
      if (json) {
        JsonRuns runs = new JsonRuns(console);
        AllocationMap.walk(disk, start, length, silent, runs::accept);
        runs.end();
      } else {
        console.print("Offset          Length          Mapped to       File\n");
        Map<Storage, String> names = names(disk);
        AllocationMap.walk(disk, start, length, silent, extent -> line(extent, names, console));
      }
    }
    return ExitCode.OK;
  }

  /// What the main files of the chain are called by the user, or by their children.
  private static Map<Storage, String> names(Disk disk) {
    Map<Storage, String> names = new HashMap<>();
    Optional<String> named = Optional.empty();
    for (Layer layer : disk.layers()) {
      Storage main = layer.image().storages().getFirst();
      String name = named.orElse(main.name());
      names.put(main, name);
      named = layer.image().parent().flatMap(link -> ImageFacts.fullName(name, link));
    }
    return names;
  }

  private static void line(Extent extent, Map<Storage, String> names, Console console)
      throws IOException {
    if (extent.kind() != Extent.Kind.DATA) {
      return;
    }
    String file = extent.storage().map(s -> names.getOrDefault(s, s.name())).orElse("");
    console.print(cell(hex(extent.offset())));
    console.print(cell(hex(extent.length())));
    console.print(cell(place(extent)));
    console.line(file);
  }

  private static String hex(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }

  private static String place(Extent extent) {
    if (extent.encoded()) {
      return "compressed";
    }
    return extent.position() < 0 ? "encrypted" : hex(extent.position());
  }

  private static String cell(String words) {
    return words + " ".repeat(Math.max(1, 16 - words.length()));
  }

  /// Runs as JSON, one a line as QEMU writes them.
  private static final class JsonRuns {
    private final Console console;
    private boolean first = true;

    private JsonRuns(Console console) {
      this.console = console;
    }

    private void accept(Extent extent) throws IOException {
      boolean place = extent.position() >= 0 && !extent.encoded();
      console.print(first ? "[" : ",\n");
      first = false;
      console.print(
          "{ \"start\": "
              + extent.offset()
              + ", \"length\": "
              + extent.length()
              + ", \"depth\": "
              + extent.depth()
              + ", \"present\": "
              + (extent.kind() != Extent.Kind.HOLE)
              + ", \"zero\": "
              + extent.kind().isZero()
              + ", \"data\": "
              + (extent.kind() == Extent.Kind.DATA)
              + ", \"compressed\": "
              + extent.encoded()
              + (place ? ", \"offset\": " + extent.position() : "")
              + "}");
    }

    private void end() throws IOException {
      console.print(first ? "[]\n" : "]\n");
    }
  }
}
