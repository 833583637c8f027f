package dev.platter.cli;

import dev.platter.image.Dumpable.Dump;
import java.io.IOException;

/// Structures as a tree of JSON objects. Brought out one by one, so that tables of any length do
/// not take memory.
final class DumpJson implements Dump {
  private final Console console;
  private final DumpText.Outcome outcome = new DumpText.Outcome();
  private int depth;
  private boolean first = true;

  DumpJson(Console console) {
    this.console = console;
  }

  @Override
  public void begin(String name, long position, long length) {
    element(
        "{\"structure\": "
            + Json.quote(name)
            + ", \"position\": "
            + position
            + ", \"length\": "
            + length
            + ", \"content\": [");
    depth++;
    first = true;
  }

  @Override
  public void field(String name, long position, int length, Object value, String note) {
    element(
        "{\"field\": "
            + Json.quote(name)
            + ", \"position\": "
            + position
            + ", \"length\": "
            + length
            + ", \"value\": "
            + value(value)
            + (note.isEmpty() ? "" : ", \"note\": " + Json.quote(note))
            + "}");
  }

  private static String value(Object value) {
    return switch (value) {
      case Number number -> number.toString();
      case Boolean truth -> truth.toString();
      default -> Json.quote(String.valueOf(value));
    };
  }

  @Override
  public void end() {
    depth--;
    print("]}");
    first = false;
  }

  private void element(String words) {
    print((first ? depth == 0 ? "[\n" : "\n" : ",\n") + "  ".repeat(depth + 1) + words);
    first = false;
  }

  private void print(String words) {
    outcome.attempt(() -> console.print(words));
  }

  /// Ends the document, and throws what kept a part from being printed.
  void finish() throws IOException {
    print(first ? "[]\n" : "\n]\n");
    outcome.check();
  }
}
