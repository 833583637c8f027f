package dev.platter.format.dmg;

import dev.platter.format.codec.Decompressor;
import dev.platter.image.ImageException;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Decompresses chunks. Decoders are used again and again; there are as many as threads have
/// decoded at once.
final class DmgDecoder implements AutoCloseable {
  private final String file;
  private final Map<ChunkKind, ConcurrentLinkedDeque<Decompressor>> pools =
      new EnumMap<>(ChunkKind.class);

  /// @param file what a message calls the file
  DmgDecoder(String file) {
    this.file = file;
    for (ChunkKind kind : ChunkKind.values()) {
      pools.put(kind, new ConcurrentLinkedDeque<>());
    }
  }

  /// Fills a unit, exactly.
  ///
  /// @param start where the chunk is on the disk, for messages
  void decode(ChunkKind kind, long start, MemorySegment stored, MemorySegment unit)
      throws ImageException {
    ConcurrentLinkedDeque<Decompressor> pool = pools.get(kind);
    Decompressor pooled = pool.pollFirst();
    Decompressor decompressor = pooled == null ? kind.decompressor() : pooled;
    try {
      if (decompressor.decompress(stored, unit)) {
        return;
      }
    } finally {
      pool.addFirst(decompressor);
    }
    throw new ImageException.Corrupt(
        file,
        "the compressed chunk of sector "
            + start / KolyTrailer.SECTOR
            + " ("
            + stored.byteSize()
            + " bytes) does not decode to "
            + unit.byteSize()
            + " bytes as "
            + kind.label());
  }

  @Override
  public void close() {
    for (ConcurrentLinkedDeque<Decompressor> pool : pools.values()) {
      pool.forEach(Decompressor::close);
      pool.clear();
    }
  }
}
