package dev.platter.operation;

import dev.platter.Buffers;
import dev.platter.Disk;
import dev.platter.image.Image;
import dev.platter.image.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Stores the rest of each block of which a child has only a part, for formats that remember which
/// parts these are and cannot, or must not, do so without a parent: other programs take the rest
/// for what stands in the file.
///
/// @param disk the child, above the parent that it still has
record WholeUnits(Disk disk) {
  private static final int BUFFER = 1 << 20;

  void fill(Progress progress) throws IOException {
    Image image = disk.top();
    long block = image.info().clusterSize().orElse(1);
    if (block <= image.allocationUnit()) {
      return;
    }
    disk.suppressZeros(false);
    for (long at = 0; at < disk.size(); ) {
      progress.checkpoint();
      long whole = image.map(at, disk.size() - at).length() / block * block;
      if (whole == 0) {
        whole = Math.min(block, disk.size() - at);
        fill(image, at, at + whole);
      }
      at += whole;
    }
  }

  private void fill(Image image, long start, long end) throws IOException {
    boolean stored = false;
    for (long at = start; at < end && !stored; ) {
      Mapping run = image.map(at, end - at);
      stored = !(run instanceof Mapping.Unallocated);
      at += run.length();
    }
    for (long at = start; at < end && stored; ) {
      Mapping run = image.map(at, Math.min(end - at, BUFFER));
      if (run instanceof Mapping.Unallocated) {
        copy(at, run.length());
      }
      at += run.length();
    }
  }

  private void copy(long offset, long length) throws IOException {
    try (Buffers.Lease lease = Buffers.lease(length)) {
      MemorySegment bytes = lease.segment();
      disk.read(offset, bytes);
      disk.write(offset, bytes);
    }
  }
}
