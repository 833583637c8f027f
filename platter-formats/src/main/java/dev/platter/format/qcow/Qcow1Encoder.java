package dev.platter.format.qcow;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Packing;
import java.lang.foreign.MemorySegment;

/// Compresses clusters, for one thread. A cluster that does not become smaller is stored as it is.
///
/// @param clusterSize bytes of the clusters that will come
record Qcow1Encoder(Compressor compressor, int clusterSize) implements Packing.Encoder {
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
