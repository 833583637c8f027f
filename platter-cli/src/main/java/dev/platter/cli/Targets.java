package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.Disk.Layer;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Checks of a file that is going to be written, before anything is.
final class Targets {
  private Targets() {}

  /// The name without its folder.
  static String fileName(Path target) {
    Path name = target.getFileName();
    if (name == null) {
      throw new UsageException("'" + target + "' is not the name of a file");
    }
    return name.toString();
  }

  /// Refuses what cannot become a new image.
  static void checkNew(ImageFormat format, Path target) throws IOException {
    if (!format.capabilities().contains(Capability.CREATE)) {
      throw new UnsupportedException("images of format " + format.name() + " cannot be made");
    }
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": is a folder, an image cannot be written over it");
    }
    fileName(target);
    Path folder = target.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
  }

  /// Whether a target is written in place because it is not a plain file.
  static boolean isDevice(Path target) {
    return Files.exists(target) && !Files.isRegularFile(target);
  }

  /// Refuses a target that one of the sources, or a parent of one, is read from.
  static void checkNotSource(Path target, List<Disk> sources) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    Object identity;
    try (Storage storage = FileStorage.open(target, Access.READ, Sharing.UNLOCKED)) {
      identity = storage.identity();
    }
    for (Disk source : sources) {
      for (Layer layer : source.layers()) {
        for (Storage storage : layer.image().storages()) {
          if (storage.identity().equals(identity)) {
            throw new UsageException(
                target
                    + ": is the same file as "
                    + storage.name()
                    + ", which is a source or a parent of one");
          }
        }
      }
    }
  }

  /// The file that a name written into the target will mean.
  static Path beside(Path target, String name) {
    Path folder = target.getParent();
    Path path = ImageName.of(name).path();
    return folder == null ? path : folder.resolve(path);
  }
}
