package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.io.Access;
import dev.platter.operation.Conversion;
import dev.platter.operation.Measure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `measure`: how large a new image would be.
final class MeasureCommand implements Command {
  private static final String NAME = "measured";

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("SIZE", "Measure an empty disk of this size instead of FILE.", "--size", "-s")
        .value("FORMAT", "The new image's format; raw if not given.", "-O", "--target-format")
        .values(
            "NAME=VALUE,...",
            "Options of the format; '-o help' lists them.",
            "-o",
            "--target-format-options")
        .value("SNAPSHOT", "Not supported yet.", "-l", "--snapshot")
        .value("FORM", "human (the default) or json.", "--output")
        .files("FILE", 0, 1, "The image that would be converted.");
    Images.describe(syntax);
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    ImageFormat format = images.format(arguments.text("-O").orElse("raw"));
    if (KeyValues.wantHelp(arguments.all("-o"))) {
      console.print(NewImage.help(format));
      return ExitCode.OK;
    }
    if (arguments.has("-l")) {
      throw new UnsupportedException("-l: internal snapshots cannot be measured yet");
    }
    NewImage wanted = new NewImage(format, arguments.all("-o"));
    boolean json = arguments.json();
    Measure measure = measure(images, wanted, arguments);
    if (json) {
      console.print(
          new Json()
                  .object()
                  .member("required", measure.required())
                  .member("fully-allocated", measure.fullyAllocated())
                  .endObject()
              + "\n");
    } else {
      console.line("required size: " + measure.required());
      console.line("fully allocated size: " + measure.fullyAllocated());
    }
    return ExitCode.OK;
  }

  private static Measure measure(Images images, NewImage wanted, Arguments arguments)
      throws IOException {
    Optional<Long> size = arguments.size("--size");
    if (size.isPresent() == !arguments.files().isEmpty()) {
      throw new UsageException("either a FILE or --size SIZE is measured");
    }
    if (size.isPresent()) {
      Blueprint blueprint = Blueprint.of(size.get(), wanted.options(), NAME);
      return UsageException.check(() -> Measure.ofEmpty(wanted.format(), blueprint));
    }
    try (Disk disk = images.open(arguments.file(), arguments.text("-f"), Access.READ)) {
      return UsageException.check(() -> {
        Conversion conversion = Conversion.of(List.of(disk)).options(wanted.given());
        return Measure.of(conversion, wanted.format(), NAME);
      });
    }
  }
}
