package dev.platter.format.vhdx;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One of the two copies of the region table, which never changes.
///
/// @param position where this copy is
/// @param regions in the order in which they stand there
record VhdxRegionTable(long position, List<VhdxRegion> regions) {
  static final long FIRST = 192 << 10;
  static final long SECOND = 256 << 10;
  static final int SIZE = 64 << 10;
  static final long MOST = 2047;
  static final long SIGNATURE = 0x6967_6572;

  /// What stands before the regions.
  ///
  /// @param signature `regi`
  /// @param checksum over [#SIZE] bytes
  /// @param count how many regions follow
  /// @param reserved 0
  record Head(long signature, long checksum, long count, long reserved) {
    static final Struct<Head> STRUCT =
        Struct.littleEndian("region table", new Head(0, 0, 0, 0), Head::fields);

    private static Head fields(Fields f, Head v) {
      return new Head(
          f.u32("signature", v.signature),
          f.u32("checksum", v.checksum),
          f.u32("count", v.count),
          f.u32("reserved", v.reserved));
    }
  }

  /// A copy of the table; none if it is not whole.
  static Optional<VhdxRegionTable> read(Storage storage, long position) throws IOException {
    if (storage.size() < position + SIZE) {
      return Optional.empty();
    }
    byte[] bytes = new byte[SIZE];
    storage.read(position, MemorySegment.ofArray(bytes));
    Head head = Head.STRUCT.decode(bytes, 0);
    if (head.signature != SIGNATURE || head.count > MOST || !VhdxChecksum.fits(bytes)) {
      return Optional.empty();
    }
    List<VhdxRegion> regions = new ArrayList<>();
    for (int i = 0; i < head.count; i++) {
      regions.add(VhdxRegion.STRUCT.decode(bytes, entry(i)));
    }
    return Optional.of(new VhdxRegionTable(position, regions));
  }

  /// The first copy that is whole, with its numbers checked.
  static VhdxRegionTable find(Storage storage, VhdxHeader header) throws IOException {
    Optional<VhdxRegionTable> found = read(storage, FIRST);
    if (found.isEmpty()) {
      found = read(storage, SECOND);
    }
    VhdxRegionTable table =
        found.orElseThrow(() ->
            new ImageException.Corrupt(
                storage.name(),
                "neither VHDX region table, at 196608 and 262144, has its signature, its"
                    + " checksum and at most 2047 entries"));
    table.check(storage, header);
    return table;
  }

  private static int entry(int number) {
    return Head.STRUCT.size() + number * VhdxRegion.STRUCT.size();
  }

  private void check(Storage storage, VhdxHeader header) throws IOException {
    for (int i = 0; i < regions.size(); i++) {
      VhdxRegion region = regions.get(i);
      String fault = fault(region, storage.size());
      if (!fault.isEmpty()) {
        throw new ImageException.Corrupt(storage.name(), text(i) + fault);
      }
      boolean known = region.id().equals(VhdxRegion.BAT) || region.id().equals(VhdxRegion.METADATA);
      if (!known && (region.required() & 1) != 0) {
        throw new ImageException.Unsupported(
            storage.name(), text(i) + " is required and not known");
      }
    }
    checkOverlap(storage, header);
  }

  private String text(int number) {
    VhdxRegion region = regions.get(number);
    return "VHDX "
        + region.name()
        + " (entry at "
        + (position + entry(number))
        + ", offset "
        + Long.toUnsignedString(region.offset())
        + ", length "
        + region.length()
        + ")";
  }

  private static String fault(VhdxRegion region, long size) {
    if (region.offset() < VhdxFile.MIB || region.offset() % VhdxFile.MIB != 0) {
      return " does not start at a multiple of 1 MiB behind the headers";
    }
    if (region.length() == 0 || region.length() % VhdxFile.MIB != 0) {
      return " has not a length of whole MiB";
    }
    return region.offset() > size - region.length() ? " ends behind the file's end " + size : "";
  }

  private void checkOverlap(Storage storage, VhdxHeader header) throws IOException {
    List<VhdxRegion> sorted = new ArrayList<>(regions);
    sorted.sort(Comparator.comparingLong(VhdxRegion::offset));
    for (int i = 0; i < sorted.size(); i++) {
      VhdxRegion region = sorted.get(i);
      boolean inLog = region.offset() < header.logEnd() && header.logOffset() < region.end();
      if (inLog || (i > 0 && sorted.get(i - 1).end() > region.offset())) {
        throw new ImageException.Corrupt(
            storage.name(),
            "VHDX "
                + region.name()
                + " at "
                + region.offset()
                + " overlaps "
                + (inLog ? "the log at " + header.logOffset() : sorted.get(i - 1).name()));
      }
    }
  }

  /// The one region of a kind.
  VhdxRegion only(Storage storage, VhdxRegion wanted) throws ImageException {
    List<VhdxRegion> found = regions.stream().filter(r -> r.id().equals(wanted.id())).toList();
    if (found.size() != 1) {
      throw new ImageException.Corrupt(
          storage.name(),
          "VHDX region table at "
              + position
              + " has "
              + found.size()
              + " entries for "
              + wanted.name()
              + " instead of one");
    }
    return found.getFirst();
  }

  /// A copy's bytes.
  static byte[] encode(List<VhdxRegion> regions) {
    byte[] bytes = new byte[SIZE];
    byte[] head = Head.STRUCT.encode(new Head(SIGNATURE, 0, regions.size(), 0));
    System.arraycopy(head, 0, bytes, 0, head.length);
    for (int i = 0; i < regions.size(); i++) {
      byte[] entry = VhdxRegion.STRUCT.encode(regions.get(i));
      System.arraycopy(entry, 0, bytes, entry(i), entry.length);
    }
    return VhdxChecksum.seal(bytes);
  }
}
