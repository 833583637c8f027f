package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.io.Access;
import dev.platter.operation.Resize;
import dev.platter.operation.Resize.Cut;
import dev.platter.operation.Resize.Preallocation;
import java.io.IOException;

/// `resize`: makes the disk of an image larger or smaller.
final class ResizeCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .flag("Allow that the disk becomes smaller.", "--shrink")
        .flag("With --shrink: cut off data too, not only zeros.", "--discard-data")
        .value(
            "MODE",
            "Room for what is new: off (the default), metadata, falloc, full.",
            "--preallocation")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .files("FILE SIZE", 2, 2, "The image, and its new size, or +SIZE or -SIZE for a change.")
        .signedNumbers();
    ProgressBar.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "What is new reads as zeros, also if a parent has something there. A crash leaves the old",
        "size or the new one. File systems and partitions are not changed: shrink them before,",
        "grow them afterwards. Children of FILE are not looked for.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    console.interruption().protect();
    ProgressBar bar = ProgressBar.of(arguments, console, false);
    Preallocation room = preallocation(arguments);
    Cut cut = cut(arguments);
    String file = arguments.files().getFirst();
    String word = arguments.files().getLast();
    try (Disk disk = new Images(arguments).open(file, arguments.text("-f"), Access.WRITE)) {
      UsageException.check(() -> {
        long size = Resize.size(word, disk.size());
        if (size < disk.size() && cut == Cut.NOTHING) {
          throw new UsageException(
              file + ": the disk would become smaller, which takes the option --shrink");
        }
        new Resize(disk, size, cut, room, bar).run();
        return size;
      });
    }
    bar.done();
    if (!arguments.has("-q")) {
      console.line("Image resized.");
    }
    return ExitCode.OK;
  }

  private static Cut cut(Arguments arguments) {
    boolean data = arguments.has("--discard-data");
    if (!arguments.has("--shrink")) {
      if (data) {
        throw new UsageException("--discard-data: only together with --shrink");
      }
      return Cut.NOTHING;
    }
    return data ? Cut.DATA : Cut.ZEROS;
  }

  private static Preallocation preallocation(Arguments arguments) {
    String mode = arguments.text("--preallocation").orElse("off");
    return switch (mode) {
      case "off" -> Preallocation.OFF;
      case "metadata" -> Preallocation.METADATA;
      case "falloc" -> Preallocation.FALLOC;
      case "full" -> Preallocation.FULL;
      default ->
          throw new UsageException(
              "--preallocation " + mode + ": expected off, metadata, falloc or full");
    };
  }
}
