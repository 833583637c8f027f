package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.image.OpenContext.Purpose;
import java.io.IOException;
import java.util.List;

/// `info`: what images are. Many files in one run; one that fails does not keep the others from
/// being shown.
final class InfoCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .flag("Show the parents too, the top first.", "--backing-chain")
        .value("FORM", "human (the default) or json.", "--output")
        .value("MODE", "Taken and ignored.", "-t", "--cache")
        .files("FILE", 1, Integer.MAX_VALUE, "Images to describe.");
    Images.describe(syntax);
    syntax.notes(
        "As JSON one file is an object, and several, or a chain, are an array; a chain of each of",
        "several files is an array of arrays.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    List<String> files = arguments.files();
    boolean chain = arguments.has("--backing-chain");
    boolean several = files.size() > 1;
    boolean wantJson = arguments.json();
    Json json = new Json();
    if (wantJson && several) {
      json.array();
    }
    ExitCode worst = ExitCode.OK;
    String separator = "";
    for (String file : files) {
      try {
        List<ImageFacts> facts = facts(images, file, arguments);
        if (wantJson) {
          write(facts, chain, json);
        } else {
          for (ImageFacts image : facts) {
            console.print(separator).print(new InfoText().describe(image));
            separator = "\n";
          }
        }
      } catch (IOException e) {
        if (!several) {
          throw e;
        }
        console.flush();
        console.complain(Failure.of(e).sentence());
        worst = ExitCode.FAILED;
      }
    }
    if (wantJson) {
      console.print((several ? json.endArray() : json) + "\n");
    }
    return worst;
  }

  private static void write(List<ImageFacts> facts, boolean chain, Json json) {
    if (chain) {
      json.array();
    }
    facts.forEach(image -> InfoJson.write(image, json));
    if (chain) {
      json.endArray();
    }
  }

  private static List<ImageFacts> facts(Images images, String file, Arguments arguments)
      throws IOException {
    try (Disk disk = open(images, file, arguments)) {
      return ImageFacts.of(disk);
    }
  }

  private static Disk open(Images images, String file, Arguments arguments) throws IOException {
    ImageName name = images.name(file);
    DiskOptions options =
        images.options(name.format().or(() -> arguments.text("-f"))).purpose(Purpose.INFO);
    return images.open(name, arguments.has("--backing-chain") ? options : options.withoutParents());
  }
}
