package dev.platter.format.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A stream into a segment, for libraries that write streams.
final class SegmentOutput extends OutputStream {
  private final MemorySegment segment;
  private long at;

  SegmentOutput(MemorySegment segment) {
    this.segment = segment;
  }

  /// The segment has no room for more.
  static final class FullException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /// Bytes written.
  int size() {
    return (int) at;
  }

  @Override
  public void write(int value) throws IOException {
    if (at == segment.byteSize()) {
      throw new FullException();
    }
    segment.set(ValueLayout.JAVA_BYTE, at++, (byte) value);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (length > segment.byteSize() - at) {
      throw new FullException();
    }
    MemorySegment.copy(bytes, from, segment, ValueLayout.JAVA_BYTE, at, length);
    at += length;
  }

  /// Passes a unit to a stream, in pieces.
  static void drain(MemorySegment unit, OutputStream target) throws IOException {
    byte[] part = new byte[1 << 16];
    for (long done = 0; done < unit.byteSize(); ) {
      int count = (int) Math.min(part.length, unit.byteSize() - done);
      MemorySegment.copy(unit, ValueLayout.JAVA_BYTE, done, part, 0, count);
      target.write(part, 0, count);
      done += count;
    }
  }
}
