package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.util.zip.Deflater;

/// Raw deflate with what Java brings along.
final class JavaDeflate implements Compressor {
  private final Deflater deflater;

  JavaDeflate(int level) {
    this.deflater = new Deflater(level, true);
  }

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    deflater.reset();
    deflater.setInput(unit.asByteBuffer());
    deflater.finish();
    int written = deflater.deflate(target.asByteBuffer());
    return deflater.finished() ? written : 0;
  }

  @Override
  public long bound(long size) {
    return size;
  }

  @Override
  public void close() {
    deflater.end();
  }
}
