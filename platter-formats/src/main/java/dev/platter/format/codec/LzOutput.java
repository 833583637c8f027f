package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.DataFormatException;

/// What a decoder of literals and repetitions has decoded so far; never more than one unit.
final class LzOutput {
  private final byte[] bytes;
  private int size;

  LzOutput(long limit) {
    bytes = new byte[Math.toIntExact(limit)];
  }

  int size() {
    return size;
  }

  boolean full() {
    return size == bytes.length;
  }

  /// Adds bytes as they are.
  void literals(LzInput in, long length) throws DataFormatException {
    literals(in.bytes(), in.skip(length), (int) length);
  }

  void literals(byte[] from, int at, int length) throws DataFormatException {
    need(length);
    System.arraycopy(from, at, bytes, size, length);
    size += length;
  }

  /// Adds bytes that stand `distance` before the end, which may be among those that are added.
  void repeat(int distance, int length) throws DataFormatException {
    if (length == 0) {
      return;
    }
    need(length);
    if (distance < 1 || distance > size) {
      throw new DataFormatException("repeats what is not there");
    }
    for (int done = 0; done < length; ) {
      int step = Math.min(distance + done, length - done);
      System.arraycopy(bytes, size - distance, bytes, size + done, step);
      done += step;
    }
    size += length;
  }

  private void need(int length) throws DataFormatException {
    if (length < 0 || length > bytes.length - size) {
      throw new DataFormatException("decodes to more than a unit");
    }
  }

  /// Hands over what was decoded.
  void deliver(MemorySegment unit) {
    MemorySegment.copy(bytes, 0, unit, ValueLayout.JAVA_BYTE, 0, size);
  }
}
