package dev.platter.cli;

import dev.platter.image.ImageFormat;
import java.io.IOException;
import java.util.List;

/// `convert`: copies images, joined end to end, into a new image or an existing one.
final class ConvertCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    syntax
        .value(
            "FORMAT",
            "The format of the sources; found out by content if not given.",
            "-f",
            "--source-format")
        .value("FORMAT", "The target's format; raw if not given.", "-O", "--target-format")
        .values(
            "NAME=VALUE,...",
            "Options of the target's format; '-o help' lists them.",
            "-o",
            "--target-format-options")
        .flag("Compress.", "-c", "--compress")
        .value(
            "SNAPSHOT",
            "Copy this snapshot of the source: an ID, a name, or"
                + " snapshot.id=ID,snapshot.name=NAME.",
            "-l",
            "--snapshot")
        .value(
            "FILE",
            "Make the target the child of this image; what that has is not copied.",
            "-b",
            "-B",
            "--backing")
        .value("FORMAT", "The format of the parent.", "-F", "--backing-format")
        .flag("Write into an existing target instead of making one.", "-n", "--no-create")
        .flag("With -n: the target reads as zeros already.", "--target-is-zero")
        .value(
            "SIZE",
            "Zeros of this length are not stored (4k if not given); 0 stores all.",
            "-S",
            "--sparse-size")
        .value("N", "How many threads work; one a core if not given.", "-m", "--parallel")
        .value("RATE", "At most so many bytes a second.", "-r", "--rate-limit")
        .flag("Take sectors that cannot be read for zeros.", "--salvage")
        .flag(
            "Identities and times that depend on nothing: the same file every time.",
            "--deterministic")
        .flag("Print nothing but errors.", "-q", "--quiet");
    ProgressBar.describe(syntax);
    describeUnused(syntax);
    describeFiles(syntax);
    Images.describe(syntax);
  }

  /// What is taken so that scripts for qemu-img go on, or refused with a reason.
  private static void describeUnused(Syntax syntax) {
    syntax
        .flag("Taken and ignored: writes are never in order.", "-W", "--oob-writes")
        .flag(
            "Taken and ignored: copying is left to the system where it can.",
            "-C",
            "--copy-range-offloading")
        .value(
            "MODE",
            "With 'unsafe' the target is not waited for until it is on the disk; otherwise it is.",
            "-t",
            "--target-cache")
        .value("MODE", "Taken and ignored.", "-T", "--source-cache")
        .flag("Not supported yet.", "--bitmaps")
        .flag("Not supported yet.", "--skip-broken-bitmaps")
        .flag("Not supported.", "--target-image-opts");
  }

  private static void describeFiles(Syntax syntax) {
    syntax.files(
        "SOURCE... TARGET",
        0,
        Integer.MAX_VALUE,
        "Images, and the target. '-' is standard input (raw unless -f says otherwise), and"
            + " standard output, unless the target is compressed.");
    syntax.notes(
        "The target gets its name when all is done; a file of that name is replaced then. Devices",
        "are written in place.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    ImageFormat format = images.format(arguments.text("-O").orElse("raw"));
    if (KeyValues.wantHelp(arguments.all("-o"))) {
      console.print(NewImage.help(format));
      return ExitCode.OK;
    }
    refuse(arguments);
    console.interruption().protect();
    List<String> files = arguments.files();
    if (files.size() < 2) {
      throw new UsageException("a source and a target are needed");
    }
    if (arguments.has("-l") && files.size() > 2) {
      throw new UsageException("No support for concatenating multiple snapshot");
    }
    NewImage wanted = new NewImage(format, arguments.all("-o"));
    try (Copying copying = new Copying(arguments, console, images, wanted)) {
      copying.run(files.subList(0, files.size() - 1), files.getLast());
    }
    return ExitCode.OK;
  }

  private static void refuse(Arguments arguments) throws IOException {
    if (arguments.has("--bitmaps") || arguments.has("--skip-broken-bitmaps")) {
      throw new UnsupportedException("--bitmaps: bitmaps cannot be copied yet");
    }
    if (arguments.has("--target-image-opts")) {
      throw new UnsupportedException("--target-image-opts: name the target, with -O FORMAT");
    }
    if (arguments.has("--target-is-zero") && !arguments.has("-n")) {
      throw new UsageException("--target-is-zero is only for an existing target (-n)");
    }
    if (arguments.has("-n") && (arguments.has("-o") || arguments.has("-c"))) {
      throw new UsageException("-o and -c are only for a new target: with -n it is there already");
    }
  }
}
