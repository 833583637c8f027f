package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates with what Java brings along.
final class JavaInflate implements Decompressor {
  private final Inflater inflater = new Inflater(true);

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    try {
      inflater.setInput(stored.asByteBuffer());
      ByteBuffer out = unit.asByteBuffer();
      while (out.hasRemaining() && inflater.inflate(out) > 0) {
        // the next call goes on where this one stopped
      }
      return !out.hasRemaining();
    } catch (DataFormatException _) {
      return false;
    } finally {
      inflater.reset();
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
