package dev.platter.operation;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A stream that takes bytes by their position, in ascending order, with zeros between them.
final class InOnePass implements PackWriter.Output {
  private static final int BUFFER = 1 << 20;

  private final OutputStream target;
  private final byte[] buffer = new byte[BUFFER];
  private long end;

  InOnePass(OutputStream target) {
    this.target = target;
  }

  /// The position behind the last byte that was written.
  long end() {
    return end;
  }

  @Override
  public void write(long position, MemorySegment bytes) throws IOException {
    if (position < end) {
      throw new IllegalStateException("position " + position + " was passed, it is at " + end);
    }
    zeros(position - end);
    for (long done = 0; done < bytes.byteSize(); ) {
      int step = (int) Math.min(BUFFER, bytes.byteSize() - done);
      MemorySegment.copy(bytes, done, MemorySegment.ofArray(buffer), 0, step);
      target.write(buffer, 0, step);
      done += step;
    }
    end = position + bytes.byteSize();
  }

  private void zeros(long length) throws IOException {
    Arrays.fill(buffer, 0, (int) Math.min(BUFFER, length), (byte) 0);
    for (long done = 0; done < length; ) {
      int step = (int) Math.min(BUFFER, length - done);
      target.write(buffer, 0, step);
      done += step;
    }
  }
}
