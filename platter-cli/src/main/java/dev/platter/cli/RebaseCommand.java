package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.image.Blueprint.Backing;
import dev.platter.operation.Reparent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `rebase`: gives an image another parent, or none.
final class RebaseCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("FILE", "The new parent, as FILE shall name it; '' for none.", "-b", "--backing")
        .value("FORMAT", "The format of the new parent.", "-F", "-B", "--backing-format")
        .flag(
            "Only change the reference: the new parent has what the old one had.",
            "-u",
            "--backing-unsafe")
        .value("MODE", "Taken and ignored.", "-t", "--cache")
        .value("MODE", "Taken and ignored.", "-T", "--source-cache")
        .files("FILE", 1, 1, "The image.");
    Work.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "FILE reads the same before and after, and if the command is cut short: what the new",
        "parent has differently is copied into FILE first. With -u nothing is copied or compared,",
        "and neither parent need be there: for one that was moved or renamed.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    Layers layers = new Layers(images, arguments.file(), arguments.text("-f"));
    String backing =
        arguments
            .text("-b")
            .orElseThrow(() -> new UsageException("a parent is needed: -b FILE, or -b ''"));
    Work work = Work.of(arguments, console);
    UsageException.check(() -> {
      if (backing.isEmpty()) {
        withoutParent(layers, arguments, work);
      } else {
        ontoParent(images, layers, backing, arguments, work);
      }
      return true;
    });
    work.bar().done();
    return ExitCode.OK;
  }

  private static void withoutParent(Layers layers, Arguments arguments, Work work)
      throws IOException {
    if (arguments.has("-u")) {
      try (Chain chain = layers.alone()) {
        Reparent.release(chain.from(0));
      }
      return;
    }
    FlattenCommand.flatten(layers, work);
  }

  private static void ontoParent(
      Images images, Layers layers, String backing, Arguments arguments, Work work)
      throws IOException {
    Path parent = Targets.beside(layers.path(), backing);
    Optional<String> said = arguments.text("-F").map(format -> images.format(format).name());
    if (arguments.has("-u")) {
      String format =
          said.orElseThrow(() ->
              new UsageException(
                  "the format of the backing file '" + backing + "' must be said with -F FORMAT"));
      point(images, layers, parent, backing, format);
      return;
    }
    String format = said.isPresent() ? said.get() : images.parentFormat(parent, backing);
    DiskOptions options = images.options(Optional.of(format));
    try (Disk next = images.open(new ImageName(parent, Optional.empty()), options)) {
      Targets.checkNotSource(layers.path(), List.of(next));
      try (Chain chain = layers.open(depth -> depth == 0)) {
        Layers.refuseLoop(chain, next);
        new Reparent(chain, 0, work.threads(), work.progress())
            .onto(new Backing(backing, Optional.of(format), Optional.of(next.top())), next);
      }
    }
  }

  /// Where the new parent can be opened, its identities are written down too.
  private static void point(
      Images images, Layers layers, Path parent, String backing, String format) throws IOException {
    try (Chain chain = layers.alone()) {
      Optional<Disk> next = Optional.empty();
      try {
        DiskOptions options = images.options(Optional.of(format)).withoutParents();
        next = Optional.of(images.open(new ImageName(parent, Optional.empty()), options));
      } catch (IOException _) {
        // it need not be there
      }
      try {
        Reparent.point(
            chain.from(0), new Backing(backing, Optional.of(format), next.map(Disk::top)));
      } finally {
        if (next.isPresent()) {
          next.get().close();
        }
      }
    }
  }
}
