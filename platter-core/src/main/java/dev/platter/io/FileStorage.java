package dev.platter.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/// Opens files as storages, with what the system can do fast where it can be used.
///
/// On Linux that is by system calls. Elsewhere, or where native access is denied, or if the system
/// property `dev.platter.io` is `channel`, files are used through plain Java: the same bytes and
/// locks, but holes are neither seen nor made.
public final class FileStorage {
  private FileStorage() {}

  /// Opens a file or a disk device that the user named.
  ///
  /// @throws LockedException if another user of the file excludes this one
  /// @throws RefusedException if it is neither a file nor a disk device
  public static Storage open(Path path, Access access, Sharing sharing) throws IOException {
    return fast()
        ? LinuxFiles.open(path, path, access, sharing)
        : PlainFiles.open(path, path, access, sharing, Set.of());
  }

  /// Opens a regular file beneath a folder, without following a link on the way from there.
  ///
  /// @param folder links in its own name are followed
  /// @param relative the way from there, normalized
  /// @throws RefusedException if there is something else, or a link on the way
  /// @throws LockedException if another user of the file excludes this one
  public static Storage openBeneath(Path folder, Path relative, Access access, Sharing sharing)
      throws IOException {
    if (relative.isAbsolute() || relative.startsWith("..") || relative.toString().isEmpty()) {
      throw new IllegalArgumentException("'" + relative + "' is not beneath a folder");
    }
    return fast()
        ? LinuxFiles.beneath(folder, relative, access, sharing)
        : PlainFiles.beneath(folder, relative, access, sharing);
  }

  /// Makes a new file, locked, which nobody else may use yet if the system can say so.
  ///
  /// @param shown what the storage says its path is
  static NewFile.Unfinished create(Path path, Path shown) throws IOException {
    return fast() ? LinuxFiles.create(path, shown) : PlainFiles.create(path, shown);
  }

  /// Opens a file that is going to be replaced, locked so that nobody begins to use it.
  ///
  /// @param shown what the storage says its path is
  static NewFile.Unfinished existing(Path path, Path shown) throws IOException {
    return fast()
        ? LinuxFiles.open(path, shown, Access.WRITE, Sharing.LOCKED)
        : PlainFiles.open(path, shown, Access.WRITE, Sharing.LOCKED, Set.of());
  }

  private static boolean fast() {
    return !"channel".equals(System.getProperty("dev.platter.io")) && Kernel.available();
  }
}
