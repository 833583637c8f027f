package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.Adler32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates a zlib stream that is exactly one unit. Nearly all end where the stored bytes end, and
/// take the fast way; the others tell Java's where they end.
final class ZlibInflate implements Decompressor {
  private static final int METHOD = 8;

  private final Decompressor deflate = Decompressor.deflate();

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    return (isPlain(stored) && whole(stored, unit)) || slowly(stored, unit);
  }

  private static boolean isPlain(MemorySegment stored) {
    if (stored.byteSize() <= ZlibDeflate.HEADER + ZlibDeflate.TRAILER) {
      return false;
    }
    int method = stored.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
    int flags = stored.get(ValueLayout.JAVA_BYTE, 1) & 0xff;
    return (method & 0xf) == METHOD && (flags & 0x20) == 0 && (method << 8 | flags) % 31 == 0;
  }

  private boolean whole(MemorySegment stored, MemorySegment unit) {
    long end = stored.byteSize() - ZlibDeflate.TRAILER;
    if (!deflate.decompress(stored.asSlice(ZlibDeflate.HEADER, end - ZlibDeflate.HEADER), unit)) {
      return false;
    }
    var sum = new Adler32();
    sum.update(unit.asByteBuffer());
    return stored.get(ZlibDeflate.CHECKSUM, end) == (int) sum.getValue();
  }

  private static boolean slowly(MemorySegment stored, MemorySegment unit) {
    try (var inflater = new Inflater()) {
      inflater.setInput(stored.asByteBuffer());
      ByteBuffer out = unit.asByteBuffer();
      while (out.hasRemaining() && inflater.inflate(out) > 0) {
        // the next call goes on where this one stopped
      }
      // verifies the checksum, and that nothing follows
      return !out.hasRemaining() && inflater.inflate(new byte[1]) == 0 && inflater.finished();
    } catch (DataFormatException _) {
      return false;
    }
  }

  @Override
  public void close() {
    deflate.close();
  }
}
