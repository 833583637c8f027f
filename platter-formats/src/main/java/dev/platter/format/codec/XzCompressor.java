package dev.platter.format.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/// xz with LZMA2, a stream a unit, with a dictionary as large as the unit.
final class XzCompressor implements Compressor {
  private static final int LARGEST_DICTIONARY = 8 << 20;

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    var out = new SegmentOutput(target);
    try (var encoded = new XZOutputStream(out, options(unit.byteSize()), XZ.CHECK_NONE)) {
      SegmentOutput.drain(unit, encoded);
    } catch (SegmentOutput.FullException _) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.size();
  }

  private static LZMA2Options options(long size) throws IOException {
    var options = new LZMA2Options();
    options.setDictSize(Math.clamp(size, LZMA2Options.DICT_SIZE_MIN, LARGEST_DICTIONARY));
    return options;
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
