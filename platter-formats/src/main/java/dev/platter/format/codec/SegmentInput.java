package dev.platter.format.codec;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The bytes of a segment as a stream, for libraries that read streams.
final class SegmentInput extends InputStream {
  private static final int STEP = 1 << 16;

  private final MemorySegment segment;
  private long at;

  SegmentInput(MemorySegment segment) {
    this.segment = segment;
  }

  @Override
  public int read() {
    return at < segment.byteSize() ? segment.get(ValueLayout.JAVA_BYTE, at++) & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int from, int length) {
    if (length == 0) {
      return 0;
    }
    int count = (int) Math.min(length, segment.byteSize() - at);
    if (count <= 0) {
      return -1;
    }
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, target, from, count);
    at += count;
    return count;
  }

  /// Fills a segment from a stream that must end with it.
  ///
  /// @return whether it did
  static boolean fill(InputStream decoded, MemorySegment unit) throws IOException {
    byte[] part = new byte[(int) Math.min(STEP, Math.max(unit.byteSize(), 1))];
    for (long done = 0; done < unit.byteSize(); ) {
      int wanted = (int) Math.min(part.length, unit.byteSize() - done);
      int count = decoded.read(part, 0, wanted);
      if (count <= 0) {
        return false;
      }
      MemorySegment.copy(part, 0, unit, ValueLayout.JAVA_BYTE, done, count);
      done += count;
    }
    return decoded.read() < 0;
  }
}
