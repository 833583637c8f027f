package dev.platter.io;

import java.io.IOException;
import java.nio.file.Path;

/// Opens files as storages, with what the system can do fast where it can be used.
public final class FileStorage {
  private FileStorage() {}

  /// Opens a file or a block device that the user named.
  ///
  /// @throws LockedException if another user of the file excludes this one
  public static Storage open(Path path, Access access, Sharing sharing) throws IOException {
    return ChannelStorage.open(path, access);
  }
}
