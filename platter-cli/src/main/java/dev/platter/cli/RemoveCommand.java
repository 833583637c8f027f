package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.operation.Commit;
import dev.platter.operation.Reparent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `remove`: takes an image out of the middle of a chain.
final class RemoveCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value(
            "WHICH",
            "Where its content goes: child (the default; no parent is written) or parent.",
            "--into")
        .flag("Keep the file of LAYER.", "--keep")
        .flag("Also if other images in the folder are its children.", "--force")
        .files("TOP LAYER", 2, 2, "The top of a chain, and the image in it that shall go.");
    Work.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "TOP reads the same at every moment. The image above LAYER takes what LAYER has and",
        "becomes a child of its parent, or LAYER's content is written into the parent first.",
        "LAYER's file is deleted when that is on the disk.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    List<String> words = arguments.files();
    Layers layers = new Layers(new Images(arguments), words.get(0), arguments.text("-f"));
    Work work = Work.of(arguments, console);
    boolean down =
        switch (arguments.text("--into").orElse("child")) {
          case "child" -> false;
          case "parent" -> true;
          default -> throw new UsageException("--into: expected 'child' or 'parent'");
        };
    int depth = depth(layers, words.get(1), down, arguments);
    List<Path> files =
        UsageException.check(() -> {
          try (Chain chain = layers.open(d -> d == depth - 1 || (down && d == depth + 1))) {
            remove(chain, depth, down, work);
            return Layers.files(chain, depth, depth);
          }
        });
    if (!arguments.has("--keep")) {
      Layers.delete(files);
    }
    work.bar().done();
    return ExitCode.OK;
  }

  private static int depth(Layers layers, String word, boolean down, Arguments arguments)
      throws IOException {
    try (Chain chain = layers.open(_ -> false)) {
      int depth = layers.depth(chain, word);
      if (depth == 0) {
        throw new UsageException(
            word + " is the top of the chain: there is nothing above it that would need it");
      }
      if (down && depth == chain.size() - 1) {
        throw new UsageException(word + " has no parent that its content could go into");
      }
      if (!arguments.has("--force")) {
        layers.refuseOtherChildren(chain, depth, down ? depth + 1 : depth);
      }
      return depth;
    }
  }

  private static void remove(Chain chain, int depth, boolean down, Work work) throws IOException {
    Reparent child = new Reparent(chain, depth - 1, work.threads(), work.progress());
    if (depth == chain.size() - 1) {
      child.ontoNothing();
      return;
    }
    if (down) {
      new Commit(chain, depth, depth + 1, work.threads(), work.progress()).run();
    }
    child.onto(depth + 1, Layers.reference(chain, depth - 1, depth + 1));
  }
}
