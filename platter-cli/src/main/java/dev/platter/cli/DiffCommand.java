package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.io.Access;
import dev.platter.operation.Conversion;
import dev.platter.operation.Difference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `diff`: what turns one image into another, as a list or as a child of the first.
final class DiffCommand implements Command {
  private static final int SECTOR = 512;

  @Override
  public void describe(Syntax syntax) {
    syntax
        .value("FORMAT", "The format of A.", "-f", "--a-format")
        .value("FORMAT", "The format of B.", "-F", "--b-format")
        .value("FORMAT", "The format of OUT; qcow2 if not given.", "-O", "--target-format")
        .values(
            "NAME=VALUE,...",
            "Options of the format of OUT; '-o help' lists them.",
            "-o",
            "--target-format-options")
        .value("NAME", "What OUT calls A; the way from its folder if not given.", "-b", "--backing")
        .flag("Compress.", "-c", "--compress")
        .value("FORM", "The list: human (the default) or json.", "--output")
        .value("SIZE", "Bytes that the list counts by, a power of two; 512 if not given.", "--unit")
        .value("N", "How many threads work; one a core if not given.", "-m", "--parallel")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .files("A B [OUT]", 0, 3, "Two images, and the new image that turns A into B.");
    ProgressBar.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "OUT is a child of A, has the size of B, and reads as B. Without OUT the runs that differ",
        "are listed. Codes: 0 done.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    ImageFormat format = images.format(arguments.text("-O").orElse("qcow2"));
    if (KeyValues.wantHelp(arguments.all("-o"))) {
      console.print(NewImage.help(format));
      return ExitCode.OK;
    }
    List<String> words = arguments.files();
    if (words.size() < 2) {
      throw new UsageException("two images are needed");
    }
    console.interruption().protect();
    ProgressBar bar = ProgressBar.of(arguments, console, arguments.has("--output"));
    try (Disk before = images.open(words.get(0), arguments.text("-f"), Access.READ);
        Disk after = images.open(words.get(1), arguments.text("-F"), Access.READ)) {
      if (words.size() == 3) {
        Path target = images.name(words.get(2)).path();
        NewImage wanted = new NewImage(format, arguments.all("-o"));
        UsageException.check(() -> {
          write(before, after, images.name(words.get(0)).path(), target, wanted, arguments, bar);
          return true;
        });
      } else {
        int threads = threads(arguments);
        Allocation runs = new Difference(before, after, unit(arguments), threads, bar).run();
        console.print(arguments.json() ? json(runs, before, after) : text(runs, before, after));
      }
      bar.done();
    }
    return ExitCode.OK;
  }

  private static int threads(Arguments arguments) {
    return arguments.number("-m", 1, 256).orElse(Runtime.getRuntime().availableProcessors());
  }

  private static long unit(Arguments arguments) {
    long unit = arguments.size("--unit").orElse((long) SECTOR);
    if (unit < 1 || unit > 64 << 20 || Long.bitCount(unit) != 1) {
      throw new UsageException("--unit " + unit + ": expected a power of two up to 64M");
    }
    return unit;
  }

  private static void write(
      Disk before,
      Disk after,
      Path parent,
      Path target,
      NewImage wanted,
      Arguments arguments,
      ProgressBar bar)
      throws IOException {
    ImageFormat format = wanted.format();
    if (!format.capabilities().contains(Capability.BACKING)) {
      throw new UsageException("a " + format.name() + " image cannot be the child of another");
    }
    Targets.checkNew(format, target);
    Targets.checkNotSource(target, List.of(before, after));
    String name = arguments.text("-b").orElse(Layers.reference(target, parent));
    Optional<String> parentFormat = Optional.of(before.layers().getFirst().formatName());
    Conversion conversion =
        Conversion.of(List.of(after))
            .options(wanted.given())
            .threads(threads(arguments))
            .progress(bar)
            .changing(new Backing(name, parentFormat, Optional.of(before.top())), before);
    if (arguments.has("-c")) {
      conversion = conversion.compressed();
    }
    conversion.toFile(format, target);
  }

  private static String json(Allocation runs, Disk before, Disk after) {
    Json json = new Json();
    json.object();
    json.member("virtual-size-a", before.size()).member("virtual-size-b", after.size());
    json.member("differing-bytes", bytes(runs)).key("runs").array();
    for (int run = 0; run < runs.count(); run++) {
      json.object().member("start", runs.start(run));
      json.member("length", runs.end(run) - runs.start(run)).member("zero", runs.isZero(run));
      json.endObject();
    }
    return json.endArray().endObject() + "\n";
  }

  private static String text(Allocation runs, Disk before, Disk after) {
    StringBuilder text = new StringBuilder("Offset          Length          B has\n");
    for (int run = 0; run < runs.count(); run++) {
      column(runs.start(run), text);
      column(runs.end(run) - runs.start(run), text);
      text.append(runs.isZero(run) ? "zeros" : "data").append('\n');
    }
    if (before.size() != after.size()) {
      text.append("A has ").append(before.size()).append(" bytes, B ").append(after.size());
      text.append('\n');
    }
    return text.append(totals(runs)).append('\n').toString();
  }

  private static void column(long number, StringBuilder text) {
    String digits = Long.toString(number);
    text.append(digits).repeat(' ', Math.max(1, 16 - digits.length()));
  }

  /// Bytes of all runs.
  static long bytes(Allocation runs) {
    long sum = 0;
    for (int run = 0; run < runs.count(); run++) {
      sum += runs.end(run) - runs.start(run);
    }
    return sum;
  }

  /// How much differs, in a sentence.
  static String totals(Allocation runs) {
    return bytes(runs) + " bytes in " + runs.count() + " runs differ.";
  }
}
