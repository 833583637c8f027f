package dev.platter.format.vmdk;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Packing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.Adler32;

/// Compresses grains: the sector, the length, and a zlib stream. A grain that does not become
/// smaller is a stream of stored blocks, since every grain of such an image is a stream.
final class GrainEncoder implements Packing.Encoder {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt CHECKSUM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int ZLIB_HEADER = 2;
  private static final short ZLIB = 0x0178;
  private static final int STORED = 0xffff;
  private static final int STORED_HEADER = 5;

  private final Compressor compressor;

  /// @param level deflate's, 0 for the fast default
  GrainEncoder(int level) {
    this.compressor = Compressor.deflate(level);
  }

  /// Bytes that an encoded grain can have, whole sectors.
  static int limit(int grainSize) {
    int blocks = grainSize / STORED + 1;
    int bytes =
        GrainDecoder.MARKER + ZLIB_HEADER + grainSize + STORED_HEADER * blocks + Integer.BYTES;
    return whole(bytes);
  }

  private static int whole(int bytes) {
    return (bytes + SparseHeader.SECTOR - 1) & -SparseHeader.SECTOR;
  }

  @Override
  public int encode(long offset, MemorySegment unit, MemorySegment target) {
    int start = GrainDecoder.MARKER + ZLIB_HEADER;
    MemorySegment body =
        target.asSlice(start, limit((int) unit.byteSize()) - start - Integer.BYTES);
    int written = compressor.compress(unit, body);
    if (written == 0) {
      written = store(unit, body);
    }
    var sum = new Adler32();
    sum.update(unit.asByteBuffer());
    target.set(LONG, 0, offset / SparseHeader.SECTOR);
    target.set(INT, 8, ZLIB_HEADER + written + Integer.BYTES);
    target.set(SHORT, GrainDecoder.MARKER, ZLIB);
    target.set(CHECKSUM, start + written, (int) sum.getValue());
    int end = start + written + Integer.BYTES;
    // with their padding, grains stand one behind the other and can be written together
    target.asSlice(end, whole(end) - end).fill((byte) 0);
    return whole(end);
  }

  /// Deflate's blocks of bytes as they are.
  private static int store(MemorySegment unit, MemorySegment target) {
    int at = 0;
    for (long done = 0; done < unit.byteSize(); ) {
      int length = (int) Math.min(STORED, unit.byteSize() - done);
      boolean last = done + length == unit.byteSize();
      target.set(ValueLayout.JAVA_BYTE, at, (byte) (last ? 1 : 0));
      target.set(SHORT, at + 1, (short) length);
      target.set(SHORT, at + 3, (short) ~length);
      MemorySegment.copy(unit, done, target, at + STORED_HEADER, length);
      at += STORED_HEADER + length;
      done += length;
    }
    return at;
  }

  @Override
  public void close() {
    compressor.close();
  }
}
