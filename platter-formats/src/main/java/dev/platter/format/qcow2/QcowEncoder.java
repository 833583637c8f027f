package dev.platter.format.qcow2;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Packing;
import java.lang.foreign.MemorySegment;

/// Compresses clusters, for one thread. A cluster that does not become smaller is stored as it is.
final class QcowEncoder implements Packing.Encoder {
  private final Compressor compressor;
  private final int clusterSize;

  /// An encoder at the codec's fast default.
  ///
  /// @param clusterSize bytes of the clusters that will come
  QcowEncoder(QcowCodec codec, int clusterSize) {
    this(codec, 0, clusterSize);
  }

  /// @param level the codec's level, 0 for its fast default
  QcowEncoder(QcowCodec codec, int level, int clusterSize) {
    this.compressor = compressor(codec, level);
    this.clusterSize = clusterSize;
  }

  private static Compressor compressor(QcowCodec codec, int level) {
    return switch (codec) {
      case ZLIB -> Compressor.deflate(level);
      case ZSTD -> Compressor.zstd(level);
    };
  }

  /// Bytes of room that an encoder should be given. With less, a cluster that does not fit is
  /// stored as it is, only slower.
  static int limit(QcowCodec codec, int clusterSize) {
    try (Compressor compressor = compressor(codec, 0)) {
      return (int) compressor.bound(clusterSize);
    }
  }

  @Override
  public int encode(long offset, MemorySegment unit, MemorySegment target) {
    int written = compressor.compress(unit, target);
    return written > 0 && written < clusterSize ? written : RAW;
  }

  @Override
  public void close() {
    compressor.close();
  }
}
