package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Arrays;

/// A stream that has lost its tables: its grains were found by their markers. Where grains may be
/// lost nothing is said about the disk, as zeros would be a guess.
final class ScannedExtent implements VmdkExtent {
  private static final int SECTOR = SparseHeader.SECTOR;

  private final Storage storage;
  private final GrainLayout layout;
  private final long[] places;
  private final long known;
  private final GrainDecoder decoder;

  /// @param places grains in ascending order: the number in the upper, the sector in the lower half
  /// @param known the disk's offset from which on grains are lost, the disk's size if none is
  ScannedExtent(Storage storage, GrainLayout layout, long[] places, long known) {
    this.storage = storage;
    this.layout = layout;
    this.places = places;
    this.known = known;
    this.decoder = new GrainDecoder(storage.name(), layout);
  }

  /// How many grains were found.
  long grains() {
    return places.length;
  }

  /// The disk's offset from which on grains are lost.
  long known() {
    return known;
  }

  /// Whether there may be grains that are not in the file.
  boolean cut() {
    return known < layout.size();
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long grain = offset / layout.grainSize();
    int at = Arrays.binarySearch(places, grain << 32);
    int next = at < 0 ? -at - 1 : at;
    if (next < places.length && places[next] >>> 32 == grain) {
      return encoded(grain, places[next] & 0xffff_ffffL, offset, length);
    }
    if (offset >= known) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its stream is cut off at "
              + storage.size()
              + ", and nothing is known of the disk from offset "
              + known
              + " on");
    }
    long end = next < places.length ? (places[next] >>> 32) * layout.grainSize() : layout.size();
    return new Mapping.Unallocated(Math.min(Math.min(end, known) - offset, length));
  }

  private Mapping encoded(long grain, long sector, long offset, long length) {
    var unit =
        new Mapping.EncodedUnit(
            storage,
            sector * SECTOR,
            (int) GrainDecoder.limit(layout.grainSize()),
            layout.grainSize(),
            (stored, target) -> decoder.decode(grain, stored, target));
    int inGrain = (int) (offset % layout.grainSize());
    long run = Math.min(layout.grainSize() - inGrain, length);
    return new Mapping.Encoded(run, inGrain, unit);
  }

  @Override
  public String whyReadOnly() {
    return "is a stream-optimized extent, which is written once and never changed";
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public void release() {
    decoder.close();
  }

  @Override
  public int allocationUnit() {
    return layout.grainSize();
  }

  @Override
  public boolean compressed() {
    return true;
  }
}
