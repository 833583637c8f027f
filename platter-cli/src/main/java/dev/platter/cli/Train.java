package dev.platter.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Runs many commands in one process, so that the start-up cache knows the classes that they need.
/// Used by the build only.
final class Train {
  private Train() {}

  /// Runs the command lines of a file, one a line, in the current folder.
  ///
  /// @param args the file
  public static void main(String[] args) throws IOException {
    new Interruption().listen();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        Main.run(
            line.strip().split(" +"),
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream());
      }
    }
  }
}
