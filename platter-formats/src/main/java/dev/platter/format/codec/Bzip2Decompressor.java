package dev.platter.format.codec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/// Decompresses bzip2 streams of one unit each.
final class Bzip2Decompressor implements Decompressor {

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    try (var decoded = new BZip2CompressorInputStream(new SegmentInput(stored))) {
      return SegmentInput.fill(decoded, unit);
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException _) {
      // the library says with any of them that the stream is broken
      return false;
    }
  }

  @Override
  public void close() {
    // keeps nothing
  }
}
