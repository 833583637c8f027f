package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.image.Claim;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// What the structures of a sparse extent own.
record VmdkClaims(SparseExtent extent) {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  void claims(Consumer<Claim> sink) throws IOException {
    List<Claim> fixed = metadata();
    fixed.forEach(sink);
    gaps(fixed, sink);
    grains(sink);
  }

  /// Header, descriptor, directories and tables.
  List<Claim> metadata() throws IOException {
    List<Claim> claims = new ArrayList<>();
    Storage storage = extent.storage();
    claims.add(new Claim("header", 0, extent.head().headBytes()));
    if (extent.head() instanceof SparseHeader header) {
      sectors(claims, "descriptor", header.descriptorOffset(), header.descriptorSize());
    }
    tables(claims, Copy.FIRST, "grain");
    if (extent.tables().mirrored()) {
      tables(claims, Copy.SECOND, "redundant grain");
    }
    boolean hosted = extent.head() instanceof SparseHeader;
    if (hosted && SparseHeader.STRUCT.read(storage, 0).directoryOffset() == SparseHeader.AT_END) {
      markers(claims);
    }
    return claims;
  }

  private static void sectors(List<Claim> claims, String name, long first, long count) {
    if (first > 0 && count > 0 && first < 1L << 53 && count < 1L << 53) {
      claims.add(new Claim(name, first * SECTOR, count * SECTOR));
    }
  }

  private void tables(List<Claim> claims, Copy copy, String name) throws IOException {
    GrainLayout layout = extent.layout();
    long directory = (layout.directoryBytes() + SECTOR - 1) / SECTOR;
    sectors(claims, name + " directory", extent.tables().directory(copy) / SECTOR, directory);
    long sectors = layout.tableBytes() / SECTOR;
    for (long number = 0; number < layout.tables(); number++) {
      long sector = extent.tables().tableSector(number, copy);
      sectors(claims, name + " table " + number, sector, sectors);
    }
  }

  /// A stream has a marker in front of each table, directory and footer, and one at its end.
  private void markers(List<Claim> claims) throws IOException {
    Storage storage = extent.storage();
    for (Claim claim : List.copyOf(claims)) {
      boolean marked = claim.position() >= 2 * SECTOR && !claim.owner().equals("descriptor");
      if (marked && kind(claim.position() - SECTOR) != StreamMarker.END) {
        claims.add(new Claim("marker of " + claim.owner(), claim.position() - SECTOR, SECTOR));
      }
    }
    long footer = SparseHeader.footer(storage);
    claims.add(new Claim("footer with its marker", footer - SECTOR, 2 * SECTOR));
    long rest = storage.size() - footer - SECTOR;
    if (rest > 0) {
      claims.add(new Claim("end of stream", footer + SECTOR, rest));
    }
  }

  /// The kind of a marker.
  private int kind(long position) throws IOException {
    if (position + SECTOR > extent.storage().size()) {
      return StreamMarker.END;
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
    extent.storage().read(position, bytes);
    return bytes.get(INT, 8) == 0 ? bytes.get(INT, 12) : StreamMarker.END;
  }

  /// The room between structures in front of the grains.
  private void gaps(List<Claim> fixed, Consumer<Claim> sink) throws IOException {
    long overhead = extent.layout().overhead();
    long border = Math.min(overhead < 1L << 40 ? overhead * SECTOR : 0, extent.storage().size());
    List<Claim> sorted = new ArrayList<>(fixed);
    sorted.sort(Comparator.comparingLong(Claim::position));
    sorted.add(new Claim("grains", border, 1));
    long end = 0;
    for (Claim claim : sorted) {
      long from = end;
      long to = Math.min(claim.position(), border);
      if (to > from) {
        sink.accept(new Claim("unused", from, to - from));
      }
      end = Math.max(end, claim.end());
    }
  }

  private void grains(Consumer<Claim> sink) throws IOException {
    GrainLayout layout = extent.layout();
    GrainTables tables = extent.tables();
    long end = storageEnd();
    for (long grain = 0; grain < layout.grains(); ) {
      long table = tables.tableSector(grain / layout.entries(), Copy.FIRST);
      if (table == 0 || !tables.inFile(table * SECTOR + layout.tableBytes())) {
        grain += layout.entries() - grain % layout.entries();
        continue;
      }
      long entry = tables.entry(grain);
      boolean place = entry != 0 && !extent.isZeroMark(entry);
      boolean single = layout.has(GrainLayout.Feature.COMPRESSED);
      long inTable = layout.entries() - grain % layout.entries();
      long limit = Math.min(inTable, layout.grains() - grain);
      long step = place ? layout.grainSectors() : 0;
      long count = place && single ? 1 : tables.count(grain, limit, entry, step);
      if (place) {
        long position = entry * SECTOR;
        long length = length(position, count);
        boolean cut = position < end && position + length > end;
        sink.accept(new Claim(name(grain, count), position, cut ? end - position : length));
      }
      grain += count;
    }
  }

  private long storageEnd() throws IOException {
    return (extent.storage().size() + SECTOR - 1) & -SECTOR;
  }

  /// Bytes of grains in the file, whole sectors.
  long length(long position, long count) throws IOException {
    GrainLayout layout = extent.layout();
    if (!layout.has(GrainLayout.Feature.COMPRESSED)) {
      return count * layout.grainSize();
    }
    boolean marked = layout.has(GrainLayout.Feature.MARKERS);
    long size = extent.storage().size();
    if (!marked || position + GrainDecoder.MARKER > size) {
      return SECTOR;
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[GrainDecoder.MARKER]);
    extent.storage().read(position, bytes);
    long stored = Integer.toUnsignedLong(bytes.get(INT, 8));
    return (GrainDecoder.MARKER + stored + SECTOR - 1) & -SECTOR;
  }

  private String name(long grain, long count) {
    long offset = grain * extent.layout().grainSize();
    return (count == 1 ? "grain " + grain : "grains " + grain + " to " + (grain + count - 1))
        + " (disk offset "
        + offset
        + ")";
  }
}
