package dev.platter.format.qcow;

import dev.platter.format.codec.Decompressor;
import dev.platter.image.ImageException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Decompresses clusters: raw deflate, to exactly one cluster each. There are as many inflaters as
/// threads have decoded at once.
final class Qcow1Decoder implements AutoCloseable {
  private final String file;
  private final ConcurrentLinkedDeque<Decompressor> inflaters = new ConcurrentLinkedDeque<>();

  Qcow1Decoder(String file) {
    this.file = file;
  }

  /// @param position where the bytes are in the file, for messages
  void decode(long position, MemorySegment stored, MemorySegment unit) throws ImageException {
    if (!inflate(stored, unit)) {
      throw new ImageException.Corrupt(
          file,
          "the "
              + stored.byteSize()
              + " bytes of a compressed cluster at "
              + position
              + " do not inflate to "
              + unit.byteSize());
    }
  }

  private boolean inflate(MemorySegment stored, MemorySegment unit) {
    Decompressor pooled = inflaters.pollFirst();
    Decompressor inflater = pooled == null ? Decompressor.deflate() : pooled;
    try {
      return inflater.decompress(stored, unit);
    } finally {
      inflaters.addFirst(inflater);
    }
  }

  @Override
  public void close() {
    inflaters.forEach(Decompressor::close);
    inflaters.clear();
  }
}
