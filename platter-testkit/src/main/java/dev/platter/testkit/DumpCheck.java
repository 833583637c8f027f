package dev.platter.testkit;

import dev.platter.image.Dumpable;
import java.util.ArrayDeque;
import java.util.Deque;

/// Takes a dump and checks that it makes sense.
final class DumpCheck implements Dumpable.Dump {
  private final long fileSize;
  private final Deque<String> open = new ArrayDeque<>();
  private int structures;
  private int fields;

  /// @param fileSize where structures must end
  DumpCheck(long fileSize) {
    this.fileSize = fileSize;
  }

  int structures() {
    return structures;
  }

  int fields() {
    return fields;
  }

  /// How many structures were begun and not ended.
  int unfinished() {
    return open.size();
  }

  @Override
  public void begin(String name, long position, long length) {
    check(!name.isBlank(), "a structure without a name at " + position);
    check(
        fileSize == Long.MAX_VALUE
            || (position >= 0 && length >= 0 && position <= fileSize - length),
        name + " at " + position + "+" + length + " is outside the file");
    open.push(name);
    structures++;
  }

  @Override
  public void field(String name, long position, int length, Object value, String note) {
    check(!open.isEmpty(), "field " + name + " belongs to no structure");
    check(!name.isBlank(), "a field without a name in " + open.peek());
    check(
        value instanceof Long || value instanceof String || value instanceof Boolean,
        "field " + name + " has a value of " + value.getClass());
    fields++;
  }

  @Override
  public void end() {
    check(!open.isEmpty(), "an end without a beginning");
    open.pop();
  }

  private static void check(boolean good, String complaint) {
    if (!good) {
      throw new AssertionError(complaint);
    }
  }
}
