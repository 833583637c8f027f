package dev.platter.image;

import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.RefusedException;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Follows names to regular files beneath some folders, and to single files and devices.
///
/// A name is taken relative to the real folder of the file that has it, whatever the working folder
/// is. It is never a URL, a `json:` description or a network name. From the allowed folder on, no
/// link is followed: who could write an image could have made a link, too.
///
/// @param own whether the referencing file's folder is allowed
/// @param roots folders that are allowed wherever the reference comes from; a file or a disk device
///   among them is allowed alone
/// @param sharing how files are opened
record FolderReach(Own own, List<Path> roots, Sharing sharing) implements Reach {
  /// Bytes of a name.
  private static final int NAME = 4096;

  /// Names that are looked at for a parent that is known by its UUID alone.
  private static final int NEIGHBOURS = 4096;

  /// Whether an image's own folder is allowed.
  enum Own {
    ALLOWED,
    NOT_ALLOWED
  }

  FolderReach {
    roots = List.copyOf(roots);
  }

  @Override
  public Storage open(Storage from, String location, Access access) throws IOException {
    Path path = ReferenceName.parse(from, location, NAME);
    Path folder = folder(from, location);
    for (Path root : allowed(from, folder)) {
      Path real;
      try {
        real = root.toRealPath();
      } catch (FileSystemException _) {
        // an allowed folder that is not there allows nothing
        continue;
      }
      if (!Files.isDirectory(real)) {
        if (isThat(folder.resolve(path).normalize(), root, real)) {
          return FileStorage.open(real, access, sharing);
        }
        continue;
      }
      Path target = beneath(folder.resolve(path).normalize(), root, real);
      if (!target.toString().isEmpty()) {
        return openBeneath(from, location, real, target, access);
      }
    }
    throw new ImageException.OutOfReach(
        from.name(),
        "names '"
            + ReferenceName.printable(location)
            + "', which is outside of what may be opened");
  }

  private Storage openBeneath(Storage from, String location, Path root, Path target, Access access)
      throws IOException {
    try {
      return FileStorage.openBeneath(root, target, access, sharing);
    } catch (RefusedException e) {
      throw new ImageException.OutOfReach(
          from.name(), "names '" + ReferenceName.printable(location) + "', which " + e.what());
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(
          from.name(),
          null,
          "names '" + ReferenceName.printable(location) + "', and there is no " + e.getFile());
    }
  }

  /// Whether a name is that of a file or a device that the caller allowed by its own name.
  private static boolean isThat(Path target, Path root, Path real) {
    return target.equals(real) || target.equals(root.toAbsolutePath().normalize());
  }

  /// The way from a root to the target, empty if it is not beneath. The root's name as it was given
  /// counts too, because that is how an absolute reference may have been written.
  private static Path beneath(Path target, Path root, Path real) {
    Path given = root.toAbsolutePath().normalize();
    for (Path start : List.of(real, given)) {
      if (target.startsWith(start) && !target.equals(start)) {
        return start.relativize(target);
      }
    }
    return Path.of("");
  }

  private List<Path> allowed(Storage from, Path folder) {
    List<Path> all = new ArrayList<>();
    if (own == Own.ALLOWED) {
      all.add(folder);
      Path named = from.path().orElseThrow().toAbsolutePath().getParent();
      if (sameFolder(named, folder)) {
        all.add(named);
      }
    }
    all.addAll(roots);
    return all;
  }

  /// Whether the folder's name as the user gave it is another name of the same folder; it is not if
  /// the image itself is a link to another one.
  private static boolean sameFolder(Path named, Path folder) {
    try {
      return named.toRealPath().equals(folder);
    } catch (IOException _) {
      return false;
    }
  }

  /// The real folder of the file that has the reference.
  static Path folder(Storage from, String location) throws IOException {
    Path path =
        from.path()
            .orElseThrow(() ->
                new ImageException.OutOfReach(
                    from.name(),
                    "names '"
                        + ReferenceName.printable(location)
                        + "', but is not a file that has others beside it"));
    try {
      return path.toRealPath().getParent();
    } catch (NoSuchFileException _) {
      // a file that does not have its name yet
      return path.toAbsolutePath().getParent().toRealPath();
    }
  }

  @Override
  public List<String> beside(Storage from, List<String> extensions) throws IOException {
    if (from.path().isEmpty()) {
      return List.of();
    }
    Path folder = folder(from, "");
    boolean allowed = own == Own.ALLOWED;
    for (Path root : roots) {
      allowed |= Files.isDirectory(root) && folder.startsWith(root.toRealPath());
    }
    return allowed ? neighbours(folder, extensions) : List.of();
  }

  /// The regular files of a folder with one of the extensions, in order of their names.
  static List<String> neighbours(Path folder, List<String> extensions) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (matches(name, extensions) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          names.add(name);
          if (names.size() == NEIGHBOURS) {
            break;
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    names.sort(null);
    return names;
  }

  private static boolean matches(String name, List<String> extensions) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String extension : extensions) {
      if (lower.endsWith("." + extension.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }
}
