package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.operation.Commit;
import dev.platter.operation.Reparent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `merge`: makes one image of several that follow each other in a chain.
final class MergeCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("WHICH", "child or parent: the image that takes what the others have.", "--into")
        .value(
            "FILE",
            "The parent that is merged into, or stays below the child; the next one if not given.",
            "-b",
            "--base")
        .flag("Delete the images that have been merged into the other.", "--delete")
        .flag("Also if other images in the folder are children of these.", "--force")
        .files("FILE", 1, 1, "The upper image.");
    Work.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "--into child copies what the parents above the base have into FILE, then makes FILE a",
        "child of the base (without -b: of its parent's parent, or of none); nothing else is",
        "written, and FILE reads the same at every moment. --into parent writes what FILE and",
        "those above the base have into the base, as commit -d.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Layers layers = new Layers(new Images(arguments), arguments.file(), arguments.text("-f"));
    Work work = Work.of(arguments, console);
    String into = arguments.text("--into").orElse("");
    List<Path> merged =
        UsageException.check(() ->
            switch (into) {
              case "child" -> intoChild(layers, arguments, work);
              case "parent" -> intoParent(layers, arguments, work);
              default -> throw new UsageException("--into is needed: 'child' or 'parent'");
            });
    if (arguments.has("--delete")) {
      Layers.delete(merged);
    }
    work.bar().done();
    return ExitCode.OK;
  }

  private static int base(Layers layers, Chain chain, Arguments arguments, int otherwise)
      throws IOException {
    if (chain.size() < 2) {
      throw new IOException(layers.path() + ": Image does not have a backing file");
    }
    return arguments.has("-b")
        ? layers.depth(chain, arguments.text("-b").orElseThrow())
        : otherwise;
  }

  private static List<Path> intoChild(Layers layers, Arguments arguments, Work work)
      throws IOException {
    try (Chain chain = layers.open(depth -> depth == 0)) {
      int base = base(layers, chain, arguments, 2);
      if (base < 2) {
        throw new UsageException("there is no image between " + layers.path() + " and the base");
      }
      if (arguments.has("--delete") && !arguments.has("--force")) {
        layers.refuseOtherChildren(chain, 1, base - 1);
      }
      Reparent merge = new Reparent(chain, 0, work.threads(), work.progress());
      if (base < chain.size()) {
        merge.onto(base, Layers.reference(chain, 0, base));
      } else {
        merge.ontoNothing();
      }
      return Layers.files(chain, 1, base - 1);
    }
  }

  private static List<Path> intoParent(Layers layers, Arguments arguments, Work work)
      throws IOException {
    int base;
    try (Chain chain = layers.open(_ -> false)) {
      base = base(layers, chain, arguments, 1);
      if (base == 0) {
        throw new UsageException(layers.path() + " is not below itself");
      }
      if (!arguments.has("--force")) {
        layers.refuseOtherChildren(chain, arguments.has("--delete") ? 0 : 1, base);
      }
    }
    int into = base;
    try (Chain chain = layers.open(depth -> depth == into)) {
      new Commit(chain, 0, into, work.threads(), work.progress()).run();
      return Layers.files(chain, 0, into - 1);
    }
  }
}
