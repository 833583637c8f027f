package dev.platter.format.cloop;

import dev.platter.format.codec.Decompressor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.Adler32;

/// Decompresses blocks: zlib, to exactly one block each. There are as many decompressors as threads
/// have decoded at once.
final class CloopDecoder implements AutoCloseable {
  private static final int HEADER = 2;
  private static final ValueLayout.OfInt CHECKSUM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final ConcurrentLinkedDeque<Decompressor> pool = new ConcurrentLinkedDeque<>();

  /// Fills a block.
  ///
  /// @return whether the bytes are valid, with the right checksum
  boolean decode(MemorySegment stored, MemorySegment block) {
    long end = stored.byteSize() - Integer.BYTES;
    if (end <= HEADER || !isZlib(stored)) {
      return false;
    }
    Decompressor pooled = pool.pollFirst();
    Decompressor decompressor = pooled == null ? Decompressor.deflate() : pooled;
    try {
      if (!decompressor.decompress(stored.asSlice(HEADER, end - HEADER), block)) {
        return false;
      }
    } finally {
      pool.addFirst(decompressor);
    }
    var sum = new Adler32();
    sum.update(block.asByteBuffer());
    return stored.get(CHECKSUM, end) == (int) sum.getValue();
  }

  /// The header of RFC 1950, section 2.2, without a dictionary.
  private static boolean isZlib(MemorySegment stored) {
    int method = stored.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
    int flags = stored.get(ValueLayout.JAVA_BYTE, 1) & 0xff;
    return (method & 0xf) == 8 && (method << 8 | flags) % 31 == 0 && (flags & 0x20) == 0;
  }

  @Override
  public void close() {
    pool.forEach(Decompressor::close);
    pool.clear();
  }
}
