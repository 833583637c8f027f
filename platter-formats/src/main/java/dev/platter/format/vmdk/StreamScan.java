package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Arrays;

/// Finds the grains of a stream whose directory is lost, from marker to marker, as a reader of a
/// pipe does.
final class StreamScan {
  private static final int SECTOR = SparseHeader.SECTOR;

  /// Behind the end of the stream, as some writers fill up their last block.
  private static final long BEHIND_END = 16 * SECTOR;

  private final Storage storage;
  private final SparseHeader header;
  private final Limits limits;
  private final long grains;
  private long[] found = new long[64];
  private int count;
  private boolean ascending = true;
  private boolean complete;

  /// @param header the first sector's, checked, with markers
  StreamScan(Storage storage, SparseHeader header, Limits limits) throws ImageException {
    this.storage = storage;
    this.header = header;
    this.limits = limits;
    this.grains = header.layout().grains();
    if (grains > Integer.MAX_VALUE || header.has(SparseHeader.ZERO_MARK)) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has lost its grain directory, and "
              + (header.has(SparseHeader.ZERO_MARK)
                  ? "where it hides its parent by zeros is said there alone"
                  : "has too many grains to look for them"));
    }
  }

  /// An extent of what is found.
  ScannedExtent run() throws IOException {
    long position = start();
    long size = storage.size();
    while (position >= 0 && position + StreamMarker.STRUCT.size() <= size) {
      position = next(position, size);
    }
    long[] places = Arrays.copyOf(found, count);
    Arrays.sort(places);
    for (int i = 1; i < count; i++) {
      if (places[i] >>> 32 == places[i - 1] >>> 32) {
        throw new ImageException.Corrupt(
            storage.name(), "has the grain " + (places[i] >>> 32) + " twice in its stream");
      }
    }
    return new ScannedExtent(storage, header.layout(), places, known(places));
  }

  private long known(long[] places) {
    long last = count == 0 ? 0 : (places[count - 1] >>> 32) + 1;
    if (complete || last == grains) {
      return header.capacity() * SECTOR;
    }
    return ascending ? last * header.grainSize() * SECTOR : 0;
  }

  private long start() {
    boolean sane = header.overhead() > 0 && header.overhead() < 1L << 40;
    return sane ? header.overhead() * SECTOR : SECTOR;
  }

  /// Takes what is at a position.
  ///
  /// @return where the next marker is, -1 if there is none
  private long next(long position, long size) throws IOException {
    StreamMarker marker = StreamMarker.STRUCT.read(storage, position);
    if (marker.size() > 0) {
      long end = position + GrainDecoder.MARKER + marker.size();
      return end <= size && add(marker, position / SECTOR) ? (end + SECTOR - 1) & -SECTOR : -1;
    }
    boolean sane = marker.sectors() >= 0 && marker.sectors() < 1L << 40;
    if (marker.kind() == StreamMarker.END || !sane) {
      complete |= sane && marker.sectors() == 0 && size - position <= BEHIND_END;
      return -1;
    }
    if (marker.kind() == StreamMarker.TABLE) {
      complete |= lastTable();
    } else if (marker.kind() == StreamMarker.DIRECTORY || marker.kind() == StreamMarker.FOOTER) {
      complete = true;
    }
    return position + SECTOR + marker.sectors() * SECTOR;
  }

  /// Whether the table that follows is for the end of the disk.
  private boolean lastTable() {
    long entries = header.entriesPerTable();
    return count > 0 && ascending && (found[count - 1] >>> 32) / entries == (grains - 1) / entries;
  }

  private boolean add(StreamMarker marker, long sector) throws ImageException {
    long grain = marker.sectors() / header.grainSize();
    boolean sane =
        marker.sectors() >= 0
            && marker.sectors() % header.grainSize() == 0
            && grain < grains
            && marker.size() <= GrainDecoder.limit((int) header.grainSize() * SECTOR)
            && sector < VmdkLayout.SECTORS;
    if (!sane) {
      return false;
    }
    if (count == found.length) {
      Limits.check(storage.name(), "grains' bytes in memory", 16L * count, limits.tables());
      found = Arrays.copyOf(found, 2 * count);
    }
    ascending &= count == 0 || grain > found[count - 1] >>> 32;
    found[count++] = grain << 32 | sector;
    return true;
  }
}
