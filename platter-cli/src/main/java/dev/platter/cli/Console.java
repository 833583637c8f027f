package dev.platter.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// The three streams of a run, and whether the user stopped it. Text is kept until [#flush], so
/// that an answer is one write; that it cannot be written is an error like any other.
final class Console {
  private static final int BUFFERED = 1 << 16;
  private final InputStream in;
  private final OutputStream out;
  private final OutputStream err;
  private final Interruption interruption;
  private final StringBuilder text = new StringBuilder();

  Console(InputStream in, OutputStream out, OutputStream err, Interruption interruption) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.interruption = interruption;
  }

  /// Standard input.
  InputStream in() {
    return in;
  }

  /// Standard output, for bytes that are not text.
  OutputStream out() {
    return new NamedStream("standard output", out);
  }

  /// Whether the user stopped the run.
  Interruption interruption() {
    return interruption;
  }

  /// Prints text as it is; the caller has escaped what comes from images.
  Console print(String words) throws IOException {
    text.append(words);
    if (text.length() > BUFFERED) {
      flush();
    }
    return this;
  }

  /// Prints a line, with everything escaped that is not printable.
  Console line(String words) throws IOException {
    return print(Printable.escape(words)).print("\n");
  }

  /// Brings out what was printed.
  void flush() throws IOException {
    if (text.isEmpty()) {
      return;
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    text.setLength(0);
    OutputStream target = out();
    target.write(bytes);
    target.flush();
  }

  /// Prints a sentence to standard error. If nobody can read that either, there is no one to tell.
  void complain(String sentence) {
    error("platter: " + Printable.escape(sentence) + "\n");
  }

  /// Writes to standard error as it is.
  void error(String words) {
    try {
      err.write(words.getBytes(StandardCharsets.UTF_8));
      err.flush();
    } catch (IOException _) {
      text.setLength(0);
    }
  }
}
