package dev.platter.format.qcow;

import dev.platter.image.ImageException;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;

/// Finds the end of everything that a table names, and clears entries of what is not in the file.
final class Qcow1End implements TwoLevelMap.Visitor {
  private final Qcow1Tables tables;
  private final Qcow1Header header;
  private long end;
  private boolean cleared;

  Qcow1End(Qcow1Tables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.end = header.tableEnd();
    if (header.hasBacking()) {
      reach(header.backingPosition() + header.backingLength());
    }
  }

  private void reach(long position) {
    end = Math.max(end, position);
  }

  /// The position behind everything.
  long position() {
    return end;
  }

  /// Whether tables were changed.
  boolean cleared() {
    return cleared;
  }

  @Override
  public boolean table(long index, long entry) throws IOException {
    long position = tables.map().tablePosition(index);
    return take(entry, position, Long.BYTES * (long) header.entries());
  }

  @Override
  public void blocks(long block, long count, long entry) throws IOException {
    long first = tables.map().position(block);
    for (long at = 0; at < count; at++) {
      long here = tables.map().entry(block + at);
      long length =
          Qcow1Entry.compressed(here)
              ? Qcow1Entry.encodedLength(here, header.clusterBits())
              : header.clusterSize();
      take(here, first + Long.BYTES * at, length);
    }
  }

  private boolean take(long entry, long position, long length) throws IOException {
    boolean sensible = Qcow1Entry.compressed(entry) || tables.sensible(entry);
    if (!sensible) {
      throw new ImageException.Corrupt(
          tables.storage().name(),
          "table entry at "
              + position
              + " is 0x"
              + Long.toHexString(entry)
              + ", expected a multiple of "
              + Qcow1Entry.ALIGNMENT
              + ": the image is not written");
    }
    if (!tables.inFile(tables.position(entry))) {
      tables.clearEntry(position);
      cleared = true;
      return false;
    }
    reach(tables.position(entry) + length);
    return true;
  }
}
