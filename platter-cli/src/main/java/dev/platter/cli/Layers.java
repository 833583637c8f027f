package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.io.Storage;
import dev.platter.operation.Children;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/// The chain of an image that the user named, opened as often as it takes: first to find out which
/// of its images are meant, then for writing those.
final class Layers {
  private final Images images;
  private final ImageName name;
  private final DiskOptions options;

  /// @param written as the user named the top image
  /// @param format as the user gave it
  Layers(Images images, String written, Optional<String> format) {
    this.images = images;
    this.name = images.name(written);
    this.options = images.options(name.format().or(() -> format));
  }

  /// The top image's file.
  Path path() {
    return name.path();
  }

  /// Opens the chain.
  Chain open(IntPredicate written) throws IOException {
    return disks().chain(Images.existing(path(), disks()), options, written);
  }

  /// Opens the top image alone, for writing.
  Chain alone() throws IOException {
    return disks()
        .chain(Images.existing(path(), disks()), options.withoutParents(), depth -> depth == 0);
  }

  private Disks disks() {
    return images.disks();
  }

  /// How far down the chain a file stands.
  ///
  /// @param wanted as the user wrote it, or as the top image would name it
  int depth(Chain chain, String wanted) throws IOException {
    for (Path candidate : List.of(ImageName.of(wanted).path(), Targets.beside(path(), wanted))) {
      OptionalInt found = find(chain, candidate);
      if (found.isPresent()) {
        return found.getAsInt();
      }
    }
    throw new IOException("Did not find '" + wanted + "' in the backing chain of '" + path() + "'");
  }

  private static OptionalInt find(Chain chain, Path file) throws IOException {
    if (!Files.exists(file)) {
      return OptionalInt.empty();
    }
    for (int depth = 0; depth < chain.size(); depth++) {
      Optional<Path> path = chain.image(depth).storages().getFirst().path();
      if (path.isPresent() && Files.isSameFile(path.get(), file)) {
        return OptionalInt.of(depth);
      }
    }
    return OptionalInt.empty();
  }

  /// Refuses to change or delete images that others than those of the chain have as their parent.
  ///
  /// @param first the first of them, counted from the top
  /// @param last the last one
  void refuseOtherChildren(Chain chain, int first, int last) throws IOException {
    Children finder = new Children(disks());
    for (int depth = first; depth <= last; depth++) {
      for (Path child : finder.of(chain.image(depth))) {
        if (find(chain, child).isEmpty()) {
          throw new IOException(
              chain.name(depth)
                  + ": is also the parent of "
                  + child.getFileName()
                  + ", which would not be the same afterwards; --force does it all the same");
        }
      }
    }
  }

  /// The files of some images of a chain, to be deleted when it is closed.
  static List<Path> files(Chain chain, int first, int last) {
    List<Path> files = new ArrayList<>();
    for (int depth = first; depth <= last; depth++) {
      for (Storage storage : chain.image(depth).storages()) {
        storage.path().ifPresent(files::add);
      }
    }
    return files;
  }

  /// Deletes files.
  static void delete(List<Path> files) throws IOException {
    for (Path file : files) {
      Files.delete(file);
    }
  }

  /// The name by which an image of a chain shall know one further down: the way from folder to
  /// folder.
  static String reference(Chain chain, int child, int parent) throws IOException {
    return reference(file(chain, child), file(chain, parent));
  }

  /// The name by which an image in one file shall know one in another.
  static String reference(Path child, Path parent) throws IOException {
    Path folder = child.toAbsolutePath().getParent().toRealPath();
    Path real = parent.toAbsolutePath().getParent().toRealPath().resolve(parent.getFileName());
    return folder.relativize(real).toString();
  }

  private static Path file(Chain chain, int depth) throws IOException {
    return chain
        .image(depth)
        .storages()
        .getFirst()
        .path()
        .orElseThrow(() -> new IOException(chain.name(depth) + ": is not in a file"));
  }

  /// Refuses a new parent that has the image in its own chain.
  static void refuseLoop(Chain chain, Disk parent) throws IOException {
    Object own = chain.image(0).storages().getFirst().identity();
    for (Disk.Layer layer : parent.layers()) {
      if (layer.image().storages().getFirst().identity().equals(own)) {
        throw new UsageException(
            parent.top().storages().getFirst().name()
                + ": is a child of "
                + chain.name(0)
                + " and cannot become its parent");
      }
    }
  }
}
