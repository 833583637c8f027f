package dev.platter.format.vmdk;

import dev.platter.format.codec.Decompressor;
import dev.platter.image.ImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.Adler32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Decompresses grains: a marker with the grain's sector and length, then a zlib stream. Decoders
/// are used again and again; there are as many as threads have decoded at once.
final class GrainDecoder implements AutoCloseable {
  /// Bytes of the sector's number and the length in front of a grain.
  static final int MARKER = 12;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfInt CHECKSUM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int ZLIB_HEADER = 2;

  private final String file;
  private final GrainLayout layout;
  private final ConcurrentLinkedDeque<Decompressor> pool = new ConcurrentLinkedDeque<>();

  /// @param file what a message calls the file
  GrainDecoder(String file, GrainLayout layout) {
    this.file = file;
    this.layout = layout;
  }

  /// Bytes that a compressed grain can have, whoever compressed it.
  static long limit(int grainSize) {
    return MARKER + 2L * grainSize + 1024;
  }

  /// Fills `unit`; the disk's last grain may have been compressed without what is behind the end.
  void decode(long grain, MemorySegment stored, MemorySegment unit) throws IOException {
    MemorySegment data = stored;
    if (layout.has(GrainLayout.Feature.MARKERS)) {
      data = behindMarker(grain, stored);
      if (isZlib(data) && whole(data, unit)) {
        return;
      }
    }
    long needed = Math.min(layout.size() - grain * layout.grainSize(), unit.byteSize());
    long decoded = inflate(data, unit);
    if (decoded < needed) {
      throw corrupt(grain, "does not decode to " + needed + " bytes");
    }
    unit.asSlice(decoded).fill((byte) 0);
  }

  private MemorySegment behindMarker(long grain, MemorySegment stored) throws ImageException {
    if (stored.byteSize() < MARKER) {
      throw corrupt(grain, "is cut off in its marker");
    }
    long sector = stored.get(LONG, 0);
    long size = Integer.toUnsignedLong(stored.get(INT, 8));
    if (sector != grain * layout.grainSectors()) {
      throw corrupt(
          grain,
          "has the marker of sector "
              + Long.toUnsignedString(sector)
              + ", expected "
              + grain * layout.grainSectors());
    }
    if (size == 0 || size > stored.byteSize() - MARKER) {
      throw corrupt(
          grain, "has " + size + " bytes, and there is room for " + (stored.byteSize() - MARKER));
    }
    return stored.asSlice(MARKER, size);
  }

  /// Whether it is a whole grain and its checksum, as nearly all are: the others take the slow way,
  /// which tells what is wrong with them.
  private boolean whole(MemorySegment data, MemorySegment unit) {
    long end = data.byteSize() - Integer.BYTES;
    if (end <= ZLIB_HEADER) {
      return false;
    }
    Decompressor pooled = pool.pollFirst();
    Decompressor decompressor = pooled == null ? Decompressor.deflate() : pooled;
    try {
      if (!decompressor.decompress(data.asSlice(ZLIB_HEADER, end - ZLIB_HEADER), unit)) {
        return false;
      }
    } finally {
      pool.addFirst(decompressor);
    }
    var sum = new Adler32();
    sum.update(unit.asByteBuffer());
    return data.get(CHECKSUM, end) == (int) sum.getValue();
  }

  /// Bytes that were decoded, -1 if the stream is broken.
  private static long inflate(MemorySegment data, MemorySegment unit) {
    try (var inflater = new Inflater(!isZlib(data))) {
      inflater.setInput(data.asByteBuffer());
      ByteBuffer out = unit.asByteBuffer();
      while (out.hasRemaining() && inflater.inflate(out) > 0) {
        // the next call goes on where this one stopped
      }
      // a byte more also has the checksum verified; there must be none
      boolean longer =
          !inflater.finished() && !out.hasRemaining() && inflater.inflate(new byte[1]) > 0;
      return longer ? -1 : out.position();
    } catch (DataFormatException _) {
      return -1;
    }
  }

  /// Whether a stream has zlib's header; some writers leave it out.
  private static boolean isZlib(MemorySegment data) {
    if (data.byteSize() < 2) {
      return false;
    }
    int method = data.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
    int flags = data.get(ValueLayout.JAVA_BYTE, 1) & 0xff;
    return (method & 0xf) == 8 && (method << 8 | flags) % 31 == 0;
  }

  private ImageException corrupt(long grain, String what) {
    return new ImageException.Corrupt(
        file,
        "the compressed grain "
            + grain
            + " (disk offset "
            + grain * layout.grainSize()
            + ") "
            + what);
  }

  @Override
  public void close() {
    pool.forEach(Decompressor::close);
    pool.clear();
  }
}
