package dev.platter.format.vhdx;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Which MiB of the file are taken. The table alone knows: it is walked once, before the first
/// change, so that nothing is written into an image whose structures overlap.
final class VhdxSpace {
  private static final long MIB = VhdxFile.MIB;

  private final VhdxFile file;
  private final VhdxDisk disk;
  private final Storage storage;
  private final BitSet taken = new BitSet();
  private final List<Place> freed = new ArrayList<>();
  private int hint;
  private boolean surveyed;

  private record Place(long position, long length) {}

  VhdxSpace(VhdxFile file) {
    this.file = file;
    this.disk = file.disk();
    this.storage = file.storage();
  }

  /// Finds out what is taken; what a crash left behind in the file is free. The flush makes sure
  /// that the table on disk is the one that is read.
  ///
  /// @throws ImageException.Corrupt if a place is outside the file or belongs to two
  void survey() throws IOException {
    if (surveyed) {
      return;
    }
    storage.flush();
    VhdxHeader header = file.headers().current();
    taken.set(0);
    claim("log", header.logOffset(), header.logLength());
    for (VhdxRegion region : file.regions().regions()) {
      claim(region.name(), region.offset(), region.length());
    }
    var blocks = new Blocks();
    new VhdxSurvey(file).walk(blocks);
    blocks.claimRun();
    long end = Math.max(MIB, blocks.end);
    if (storage.size() < end) {
      storage.resize(end);
    }
    surveyed = true;
  }

  /// Claims what the table names; blocks that stand one behind the other as one.
  private final class Blocks implements VhdxSurvey.Visitor {
    private long first;
    private long position;
    private long length;
    private long end;

    @Override
    public void block(long block, long entry) throws IOException {
      long place = VhdxTables.place(entry);
      if (VhdxTables.isStored(VhdxTables.state(entry))) {
        if (length == 0 || place != position + length) {
          claimRun();
          first = block;
          position = place;
        }
        length += disk.blockSize();
      } else if (isKept(entry)) {
        taken.set(unit(place), unit(place + disk.blockSize()));
      }
    }

    @Override
    public void bitmap(long chunk, long entry) throws IOException {
      if (VhdxTables.state(entry) == VhdxTables.FULL) {
        claim("sector bitmap " + chunk, VhdxTables.place(entry), MIB);
      }
    }

    private void claimRun() throws IOException {
      if (length > 0) {
        claim("block " + first, position, length);
        end = Math.max(end, position + length);
      }
      length = 0;
    }
  }

  /// Whether a block that has no bytes keeps its place all the same.
  boolean isKept(long entry) throws IOException {
    int state = VhdxTables.state(entry);
    long place = VhdxTables.place(entry);
    boolean may = state == VhdxTables.UNDEFINED || state == VhdxTables.UNMAPPED;
    return may
        && place >= MIB
        && place <= Math.min(storage.size(), VhdxFile.LARGEST) - disk.blockSize();
  }

  private void claim(String owner, long position, long length) throws IOException {
    long last = position + Math.max(length - disk.blockSize(), 0);
    if (position < MIB || last < 0 || last >= Math.min(storage.size(), VhdxFile.LARGEST)) {
      throw refused(owner, position, "is outside the file");
    }
    int first = unit(position);
    int behind = unit(position + length);
    int other = taken.nextSetBit(first);
    if (other >= 0 && other < behind) {
      throw refused(owner, position, "has a place that belongs to something else too");
    }
    taken.set(first, behind);
  }

  private ImageException refused(String owner, long position, String what) {
    return new ImageException.Corrupt(
        storage.name(),
        "VHDX "
            + owner
            + " at "
            + Long.toUnsignedString(position)
            + " "
            + what
            + ": the image is not written before it is repaired");
  }

  private static int unit(long position) {
    return (int) (position / MIB);
  }

  /// Room that reads as zeros and that nothing refers to, neither in memory nor on disk.
  long take(long length) throws IOException {
    survey();
    int count = unit(length);
    int first = taken.nextClearBit(hint);
    for (int next = taken.nextSetBit(first); next >= 0 && next - first < count; ) {
      first = taken.nextClearBit(next);
      next = taken.nextSetBit(first);
    }
    long position = first * MIB;
    if (position + length > VhdxFile.LARGEST) {
      throw new ImageException.Unsupported(storage.name(), "has no room left below 128 TiB");
    }
    long there = Math.clamp(storage.size() - position, 0, length);
    if (there > 0) {
      storage.punch(position, there);
    }
    if (storage.size() < position + length) {
      storage.resize(position + length);
    }
    taken.set(first, first + count);
    hint = count == 1 ? hint : first;
    return position;
  }

  /// Takes back room that was never published.
  void cancel(long position, long length) {
    taken.clear(unit(position), unit(position + length));
    hint = Math.min(hint, unit(position));
  }

  /// The table in memory does not name a place any longer; the one on disk may, until the next
  /// flush.
  void release(long position, long length) {
    freed.add(new Place(position, length));
  }

  /// The table on disk is the one in memory: what it does not name is free.
  void settle() throws IOException {
    for (Place place : freed) {
      long there = Math.clamp(storage.size() - place.position, 0, place.length);
      if (there > 0) {
        storage.punch(place.position, there);
      }
      cancel(place.position, place.length);
    }
    freed.clear();
  }

  /// Cuts the file behind the last place that is taken.
  void trim() throws IOException {
    long end = taken.length() * MIB;
    if (surveyed && !disk.isFixed() && storage.size() > end) {
      storage.resize(end);
    }
  }
}
