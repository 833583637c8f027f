package dev.platter.tests.io;

import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Path;

/// The two ways in which files are used.
enum Kind {
  SYSTEM_CALLS("auto"),
  PLAIN_JAVA("channel");

  private final String property;

  Kind(String property) {
    this.property = property;
  }

  @FunctionalInterface
  interface Action<T> {
    T run() throws IOException;
  }

  /// Does something while files are used in this way.
  <T> T with(Action<T> action) throws IOException {
    System.setProperty("dev.platter.io", property);
    try {
      return action.run();
    } finally {
      System.clearProperty("dev.platter.io");
    }
  }

  Storage open(Path path, Access access, Sharing sharing) throws IOException {
    return with(() -> FileStorage.open(path, access, sharing));
  }

  Storage read(Path path) throws IOException {
    return open(path, Access.READ, Sharing.LOCKED);
  }

  Storage write(Path path) throws IOException {
    return open(path, Access.WRITE, Sharing.LOCKED);
  }
}
