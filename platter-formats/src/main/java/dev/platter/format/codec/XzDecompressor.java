package dev.platter.format.codec;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.tukaani.xz.XZInputStream;

/// Decompresses xz streams of one unit each.
final class XzDecompressor implements Decompressor {
  /// KiB that a stream may ask for: a dictionary of 64 MiB, and the rest.
  private static final int MEMORY = (65 << 10);

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    try (var decoded = new XZInputStream(new SegmentInput(stored), MEMORY)) {
      return SegmentInput.fill(decoded, unit);
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void close() {
    // keeps nothing
  }
}
