package dev.platter.format.dmg;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Packing;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.zip.CRC32;

/// Compresses chunks. One that does not become smaller is stored as it is.
final class DmgEncoder implements Packing.Encoder {
  private final DmgOptions options;
  private final Compressor compressor;
  private final Map<Long, Encoded> results;

  /// @param results takes what is known of each chunk by its offset
  DmgEncoder(DmgOptions options, Map<Long, Encoded> results) {
    this.options = options;
    this.compressor = options.compressor();
    this.results = results;
  }

  /// What is known of a chunk.
  ///
  /// @param size bytes of the disk
  /// @param plainSum the CRC-32 of these
  /// @param storedSum the CRC-32 of the bytes stored
  record Encoded(ChunkKind kind, long size, long plainSum, long storedSum) {}

  @Override
  public int encode(long offset, MemorySegment unit, MemorySegment target) {
    // the disk's last chunk ends with the disk
    long size = Math.min(unit.byteSize(), options.size() - offset);
    MemorySegment plain = unit.asSlice(0, size);
    long plainSum = sum(plain);
    int written = compressor.compress(plain, target.asSlice(0, size));
    if (written == 0) {
      MemorySegment.copy(plain, 0, target, 0, size);
      results.put(offset, new Encoded(ChunkKind.RAW, size, plainSum, plainSum));
      return (int) size;
    }
    long storedSum = sum(target.asSlice(0, written));
    results.put(offset, new Encoded(options.kind(), size, plainSum, storedSum));
    return written;
  }

  private static long sum(MemorySegment bytes) {
    var crc = new CRC32();
    crc.update(bytes.asByteBuffer());
    return crc.getValue();
  }

  @Override
  public void close() {
    compressor.close();
  }
}
