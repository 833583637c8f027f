package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.image.OpenContext.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `chain`: the ancestors of images, and what is wrong with them.
final class ChainCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("FORM", "human (the default), json or dot.", "--output")
        .files("FILE", 1, Integer.MAX_VALUE, "Images, each the top of a chain.");
    Images.describe(syntax);
    syntax.notes(
        "Parents that are missing, or are not what their child was made from, are shown and end",
        "the command with code 12. As JSON a chain is an array, the top first; dot is for",
        "Graphviz, where chains share their common images.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    String form = arguments.text("--output").orElse("human");
    if (!List.of("human", "json", "dot").contains(form)) {
      throw new UsageException("--output " + form + ": expected 'human', 'json' or 'dot'");
    }
    Images images = new Images(arguments);
    List<List<Ancestor>> chains = new ArrayList<>();
    for (String file : arguments.files()) {
      ImageName name = images.name(file);
      var options =
          images.options(name.format().or(() -> arguments.text("-f"))).purpose(Purpose.INFO);
      try (Chain chain =
          images.disks().trace(Images.existing(name.path(), images.disks()), options)) {
        chains.add(Ancestor.of(chain));
      }
    }
    console.print(
        switch (form) {
          case "json" -> ChainReport.json(chains);
          case "dot" -> ChainReport.dot(chains);
          default -> ChainReport.text(chains);
        });
    boolean sound = chains.stream().flatMap(List::stream).allMatch(a -> a.problem().isEmpty());
    return sound ? ExitCode.OK : ExitCode.WRONG_PARENT;
  }
}
