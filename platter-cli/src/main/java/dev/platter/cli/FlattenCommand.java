package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.operation.Reparent;
import java.io.IOException;

/// `flatten`: makes a child an image of its own.
final class FlattenCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax.files("FILE", 1, 1, "The image.");
    Work.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "What the parents have is copied into FILE, which then has no parent: as rebase -b ''. The",
        "parents are not changed. FILE reads the same at every moment.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Layers layers = new Layers(new Images(arguments), arguments.file(), arguments.text("-f"));
    Work work = Work.of(arguments, console);
    UsageException.check(() -> {
      flatten(layers, work);
      return true;
    });
    work.bar().done();
    return ExitCode.OK;
  }

  /// Flattens; an image without a parent stays as it is.
  static void flatten(Layers layers, Work work) throws IOException {
    try (Chain chain = layers.open(depth -> depth == 0)) {
      if (chain.size() > 1) {
        new Reparent(chain, 0, work.threads(), work.progress()).ontoNothing();
      }
    }
  }
}
