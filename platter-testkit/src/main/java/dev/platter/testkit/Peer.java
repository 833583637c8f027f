package dev.platter.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Another program that knows disk images, to compare with.
///
/// A test that needs one which is not installed is skipped, and says which; with `PLATTER_PEERS`
/// set to `required` it fails.
///
/// @param program the path of its file
public record Peer(Path program) {

  /// What a run of a program gave.
  ///
  /// @param status the exit status
  /// @param output what it wrote to standard output and standard error
  public record Outcome(int status, String output) {}

  /// The program of a name, from the folders of `PATH`.
  public static Peer named(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program)) {
        return new Peer(program);
      }
    }
    String missing = "peer " + name + " is not installed";
    if ("required".equals(System.getenv("PLATTER_PEERS"))) {
      Assertions.fail(missing);
    }
    Assumptions.abort(missing);
    throw new AssertionError(missing);
  }

  /// Runs the program to its end.
  public Outcome run(Object... arguments) throws IOException {
    Process process = start(arguments);
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.onExit().join().exitValue(), output);
  }

  /// Runs the program, which must succeed.
  ///
  /// @return what it wrote
  public String succeed(Object... arguments) throws IOException {
    Outcome outcome = run(arguments);
    Assertions.assertEquals(
        0, outcome.status(), () -> command(arguments) + " said " + outcome.output());
    return outcome.output();
  }

  /// Starts the program; its standard error goes where its standard output goes.
  public Process start(Object... arguments) throws IOException {
    return new ProcessBuilder(command(arguments)).redirectErrorStream(true).start();
  }

  private List<String> command(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }
}
