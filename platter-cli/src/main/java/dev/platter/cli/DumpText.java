package dev.platter.cli;

import dev.platter.image.Dumpable.Dump;
import java.io.IOException;

/// Structures as indented lines: position, name, value, meaning.
final class DumpText implements Dump {
  private final Console console;
  private final Outcome outcome = new Outcome();
  private int depth;

  DumpText(Console console) {
    this.console = console;
  }

  @Override
  public void begin(String name, long position, long length) {
    line(position, name + " (" + length + " bytes)", "");
    depth++;
  }

  @Override
  public void field(String name, long position, int length, Object value, String note) {
    String words = value instanceof Long number ? number(number) : String.valueOf(value);
    line(position, name + ": " + words, note);
  }

  private static String number(long number) {
    return number >= 0 && number < 10
        ? Long.toString(number)
        : "0x" + Long.toHexString(number) + " (" + Long.toUnsignedString(number) + ")";
  }

  @Override
  public void end() {
    depth--;
  }

  private void line(long position, String words, String note) {
    String hex = Long.toHexString(position);
    outcome.attempt(() ->
        console.line(
            "0".repeat(Math.max(0, 8 - hex.length()))
                + hex
                + "  "
                + "  ".repeat(depth)
                + words
                + (note.isEmpty() ? "" : "  # " + note)));
  }

  /// Throws what kept a line from being printed.
  void finish() throws IOException {
    outcome.check();
  }

  /// The first failure of calls that cannot throw it.
  static final class Outcome {
    private IOException failure;

    /// Something that may fail.
    interface Attempt {
      /// Does it.
      void run() throws IOException;
    }

    /// Does something unless something failed before.
    void attempt(Attempt attempt) {
      if (failure == null) {
        try {
          attempt.run();
        } catch (IOException e) {
          failure = e;
        }
      }
    }

    /// Throws the failure, if there is one.
    void check() throws IOException {
      if (failure != null) {
        throw failure;
      }
    }
  }
}
