package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.image.ImageException;
import dev.platter.operation.Commit;
import java.io.IOException;
import java.util.Optional;

/// `commit`: writes what an image has into one below it.
final class CommitCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value(
            "FILE",
            "Merge down into this image of the chain and not into the parent; implies -d.",
            "-b",
            "--base")
        .flag("Do not empty the image afterwards.", "-d", "--drop")
        .flag("Also if other images beside the parent are its children.", "--force")
        .value("MODE", "Taken and ignored.", "-t", "--cache")
        .files("FILE", 1, 1, "The image.");
    Work.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "FILE reads the same at every moment. If the command is cut short, run it again: what is",
        "below is a mixture until then. With -b the images between are of no use afterwards.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Layers layers = new Layers(new Images(arguments), arguments.file(), arguments.text("-f"));
    Work work = Work.of(arguments, console);
    int base = base(layers, arguments);
    boolean empty = !arguments.has("-d") && !arguments.has("-b");
    try (Chain chain = layers.open(depth -> depth == base || (depth == 0 && empty))) {
      Commit commit = new Commit(chain, 0, base, work.threads(), work.progress());
      commit.run();
      if (empty && !commit.empty()) {
        throw new ImageException.Unsupported(
            chain.name(0), "has been committed, and cannot be emptied; see -d");
      }
      work.bar().done();
    }
    if (!arguments.has("-q")) {
      console.line("Image committed.");
    }
    return ExitCode.OK;
  }

  private static int base(Layers layers, Arguments arguments) throws IOException {
    try (Chain chain = layers.open(_ -> false)) {
      if (chain.size() < 2) {
        throw new IOException(layers.path() + ": Image does not have a backing file");
      }
      Optional<String> wanted = arguments.text("-b");
      int base = wanted.isPresent() ? layers.depth(chain, wanted.get()) : 1;
      if (base == 0) {
        throw new UsageException("-b " + wanted.orElse("") + ": is the image itself");
      }
      if (!arguments.has("--force")) {
        layers.refuseOtherChildren(chain, 1, base);
      }
      return base;
    }
  }
}
