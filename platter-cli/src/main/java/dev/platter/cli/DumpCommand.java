package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Dumpable;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import java.io.IOException;

/// `dump`: every structure of an image, with positions, values and what they mean.
final class DumpCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("FORM", "human (the default) or json.", "--output")
        .files("FILE", 1, 1, "The image.");
    Images.describe(syntax);
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    boolean wantJson = arguments.json();
    ImageName name = images.name(arguments.file());
    var options =
        images
            .options(name.format().or(() -> arguments.text("-f")))
            .purpose(Purpose.INFO)
            .withoutParents();
    try (Disk disk = images.open(name, options)) {
      Image image = disk.top();
      if (!(image instanceof Dumpable dumpable)) {
        throw new UnsupportedException(
            name.path()
                + ": images of format "
                + disk.layers().getFirst().formatName()
                + " have no structures to show");
      }
      if (wantJson) {
        DumpJson sink = new DumpJson(console);
        dumpable.dump(sink);
        sink.finish();
      } else {
        DumpText sink = new DumpText(console);
        dumpable.dump(sink);
        sink.finish();
      }
    }
    return ExitCode.OK;
  }
}
