package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.Adler32;

/// Deflate with zlib's header and checksum around it (RFC 1950).
final class ZlibDeflate implements Compressor {
  /// Bytes in front of the deflated ones.
  static final int HEADER = 2;

  /// Bytes behind them.
  static final int TRAILER = 4;

  static final ValueLayout.OfInt CHECKSUM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// A window of 32 KiB, the fastest level.
  private static final byte[] FIRST = {0x78, 0x01};

  private final Compressor inner;

  ZlibDeflate(Compressor inner) {
    this.inner = inner;
  }

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    long room = target.byteSize() - HEADER - TRAILER;
    if (room <= 0) {
      return 0;
    }
    int written = inner.compress(unit, target.asSlice(HEADER, room));
    if (written == 0) {
      return 0;
    }
    var sum = new Adler32();
    sum.update(unit.asByteBuffer());
    MemorySegment.copy(FIRST, 0, target, ValueLayout.JAVA_BYTE, 0, HEADER);
    target.set(CHECKSUM, HEADER + (long) written, (int) sum.getValue());
    return HEADER + written + TRAILER;
  }

  @Override
  public long bound(long size) {
    return inner.bound(size) + HEADER + TRAILER;
  }

  @Override
  public void close() {
    inner.close();
  }
}
