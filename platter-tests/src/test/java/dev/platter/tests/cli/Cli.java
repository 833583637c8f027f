package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A run of the command in this process.
///
/// @param code what it ended with
/// @param bytes what it wrote to standard output
/// @param err what it wrote to standard error
public record Cli(int code, byte[] bytes, String err) {

  /// Runs it without input.
  public static Cli run(Object... words) {
    return run(new byte[0], words);
  }

  /// Runs it.
  public static Cli run(byte[] input, Object... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    String[] args = Arrays.stream(words).map(Object::toString).toArray(String[]::new);
    int code = Main.run(args, new ByteArrayInputStream(input), out, err);
    return new Cli(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
  }

  /// A run that must end well and complain of nothing.
  public static String succeed(Object... words) {
    Cli run = run(words);
    assertEquals(0, run.code, () -> Arrays.toString(words) + " said " + run.err);
    return run.out();
  }

  /// What it wrote to standard output, as text.
  public String out() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// Asserts that the run failed with a code and one sentence, and shows no trace.
  public Cli fails(ExitCode expected, String... parts) {
    assertEquals(expected.number(), code, () -> "said " + err);
    assertTrue(err.startsWith("platter: "), () -> "said " + err);
    assertEquals(1, err.lines().count(), () -> "more than a sentence: " + err);
    for (String part : parts) {
      assertTrue(err.contains(part), () -> "no '" + part + "' in " + err);
    }
    return this;
  }
}
