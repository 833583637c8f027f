package dev.platter.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a copy goes.
sealed interface Target {

  /// A file that is new when all is done.
  record NewFile(Path path) implements Target {}

  /// A device that is written in place.
  record Device(Path path) implements Target {}

  /// A pipe or a character device, written in one pass.
  record Pipe(Path path) implements Target {}

  /// Standard output.
  record StandardOutput() implements Target {}

  /// What a name means.
  static Target of(String written, Images images) throws IOException {
    if (written.equals("-")) {
      return new StandardOutput();
    }
    Path path = images.name(written).path();
    if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
      return new NewFile(path);
    }
    return isBlockDevice(path) ? new Device(path) : new Pipe(path);
  }

  private static boolean isBlockDevice(Path path) throws IOException {
    try {
      int mode = (Integer) Files.getAttribute(path, "unix:mode");
      return (mode & 0xf000) == 0x6000;
    } catch (UnsupportedOperationException | IllegalArgumentException _) {
      return true; // not Unix: there are no pipes with names of files
    }
  }
}
