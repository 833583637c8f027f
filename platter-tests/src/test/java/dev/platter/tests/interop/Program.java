package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// The command in a process of its own.
///
/// @param words what starts it
record Program(List<String> words) {
  private static final int PATIENCE_SECONDS = 60;

  /// What a run gave.
  record Outcome(int code, String out, String err) {}

  /// The command on the class path of the tests, with the memory that the launcher gives it.
  static Program classes() {
    return new Program(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx160m",
            "-XX:MaxDirectMemorySize=256m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.platter.cli.Main"));
  }

  /// `./platter`, as far as it is built.
  static Program launcher() {
    Path home = Path.of(System.getProperty("platter.home", "."));
    Assumptions.assumeTrue(
        Files.exists(home.resolve("platter-cli/target/dist/current")), "./platter is not built");
    return new Program(List.of(home.resolve("platter").toString()));
  }

  /// This run by another program.
  Program under(Object... outer) {
    List<String> all = new ArrayList<>();
    for (Object word : outer) {
      all.add(word.toString());
    }
    all.addAll(words);
    return new Program(all);
  }

  Process start(Object... arguments) throws IOException {
    return builder(arguments).start();
  }

  private ProcessBuilder builder(Object... arguments) {
    List<String> command = new ArrayList<>(words);
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command);
  }

  /// Runs it to its end, without input.
  Outcome run(Object... arguments) throws IOException {
    Path err = Files.createTempFile("platter-test", ".err");
    try {
      Process process = builder(arguments).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(await(process), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  /// Waits for the end, which must come.
  static int await(Process process) throws IOException {
    try {
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      assertTrue(ended, "the command hangs");
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /// Sends a signal.
  static void signal(Process process, String name) throws IOException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().onExit().join();
  }
}
