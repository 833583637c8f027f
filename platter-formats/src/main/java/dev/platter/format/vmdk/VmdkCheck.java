package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.image.Finding;
import java.io.IOException;
import java.util.function.Consumer;

/// What is wrong with a sparse extent, besides what claims show.
final class VmdkCheck {
  /// Findings of a kind that are told one by one.
  private static final int TOLD = 1000;

  private final SparseExtent extent;
  private final GrainTables tables;
  private final GrainLayout layout;

  VmdkCheck(SparseExtent extent) {
    this.extent = extent;
    this.tables = extent.tables();
    this.layout = extent.layout();
  }

  /// A stream that was read by its markers.
  static Finding lostTables(ScannedExtent extent) {
    return Finding.corruption(
        extent.storage().name()
            + ": has lost its grain directory; "
            + extent.grains()
            + " grains were found by their markers",
        extent.cut()
            ? "nothing is known of the disk from offset " + extent.known() + " on"
            : "the disk can be read, and converted into a new image");
  }

  /// @param claimed whether somebody sweeps over this extent's claims
  void findings(boolean claimed, Consumer<Finding> sink) throws IOException {
    directory(Copy.FIRST, sink);
    if (tables.mirrored()) {
      directory(Copy.SECOND, sink);
      copies(sink);
    }
    if (!claimed) {
      new GrainSweep(
              extent,
              (grain, position, why) -> {
                sink.accept(misplaced(grain, position, why));
                return false;
              })
          .run();
    }
  }

  private void directory(Copy copy, Consumer<Finding> sink) throws IOException {
    for (long number = 0; number < layout.tables(); number++) {
      if (!inFile(number, copy)) {
        sink.accept(lostTable(number, copy));
      }
    }
  }

  /// Whether a table is where the directory says, or is not said to be anywhere.
  boolean inFile(long number, Copy copy) throws IOException {
    long position = tables.tableSector(number, copy) * SparseHeader.SECTOR;
    return position == 0 || tables.inFile(position + layout.tableBytes());
  }

  Finding lostTable(long number, Copy copy) throws IOException {
    long from = number * layout.entries() * layout.grainSize();
    return Finding.corruption(
        extent.storage().name()
            + ": entry "
            + number
            + " of the grain directory at "
            + tables.directory(copy)
            + " names sector "
            + tables.tableSector(number, copy)
            + ", where the file has no whole table",
        copy == Copy.FIRST ? "the disk cannot be read from offset " + from + " on" : "");
  }

  Finding misplaced(long grain, long position, String why) {
    return Finding.corruption(
        extent.storage().name()
            + ": the table entry of grain "
            + grain
            + " names position "
            + position
            + ", which "
            + why,
        "disk offset " + grain * layout.grainSize() + " has bytes that are not its own");
  }

  private void copies(Consumer<Finding> sink) throws IOException {
    long found = 0;
    for (long grain = 0; grain < layout.grains(); ) {
      long number = grain / layout.entries();
      long end = Math.min((number + 1) * layout.entries(), layout.grains());
      if (!inFile(number, Copy.FIRST) || !inFile(number, Copy.SECOND) || sameTable(number)) {
        grain = end;
        continue;
      }
      long same = tables.agreeing(grain, end - grain);
      if (same == 0 && found++ < TOLD) {
        sink.accept(differing(grain));
      }
      grain += Math.max(same, 1);
    }
    if (found > TOLD) {
      sink.accept(
          Finding.corruption(
              extent.storage().name() + ": " + (found - TOLD) + " more entries differ", ""));
    }
  }

  /// Whether there is nothing to compare.
  private boolean sameTable(long number) throws IOException {
    long second = tables.tableSector(number, Copy.SECOND);
    return second == 0 || second == tables.tableSector(number, Copy.FIRST);
  }

  Finding differing(long grain) throws IOException {
    return Finding.corruption(
        extent.storage().name()
            + ": grain "
            + grain
            + " is at sector "
            + tables.entry(grain)
            + " for the grain tables, and at "
            + tables.entry(grain, Copy.SECOND)
            + " for the redundant ones",
        "programs that compare them do not open the image");
  }
}
