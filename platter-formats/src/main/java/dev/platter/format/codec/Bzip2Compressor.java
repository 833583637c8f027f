package dev.platter.format.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/// bzip2, a stream a unit.
final class Bzip2Compressor implements Compressor {
  private static final int BLOCK = 100_000;

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    var out = new SegmentOutput(target);
    int blocks = Math.clamp(unit.byteSize() / BLOCK + 1, 1, 9);
    try (var encoded = new BZip2CompressorOutputStream(out, blocks)) {
      SegmentOutput.drain(unit, encoded);
    } catch (SegmentOutput.FullException _) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.size();
  }

  @Override
  public long bound(long size) {
    return size;
  }

  @Override
  public void close() {
    // keeps nothing
  }
}
