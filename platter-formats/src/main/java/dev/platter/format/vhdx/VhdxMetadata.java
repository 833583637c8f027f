package dev.platter.format.vhdx;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The metadata region: a table and the items that it names.
final class VhdxMetadata {
  /// Bytes of the table; items stand behind it.
  static final int TABLE = 64 << 10;

  static final long SIGNATURE = 0x6174_6164_6174_656dL;

  private static final int MOST = 2047;

  private final Storage storage;
  private final VhdxRegion region;
  private final Limits limits;
  private final List<VhdxItem> items = new ArrayList<>();
  private final Map<Bytes, VhdxItem> known = new HashMap<>();

  /// What stands before the entries.
  ///
  /// @param signature `metadata`
  /// @param reserved 0
  /// @param count how many entries follow
  /// @param reserved2 zeros
  record Head(long signature, int reserved, int count, Bytes reserved2) {
    static final Struct<Head> STRUCT =
        Struct.littleEndian("metadata table", new Head(0, 0, 0, Bytes.zeros(20)), Head::fields);

    private static Head fields(Fields f, Head v) {
      return new Head(
          f.u64("signature", v.signature),
          f.u16("reserved", v.reserved),
          f.u16("count", v.count),
          f.reserved(20, v.reserved2));
    }
  }

  private VhdxMetadata(Storage storage, VhdxRegion region, Limits limits) {
    this.storage = storage;
    this.region = region;
    this.limits = limits;
  }

  /// What the items of a region say of the disk, checked.
  static VhdxDisk read(Storage storage, VhdxRegion region, Limits limits) throws IOException {
    var metadata = new VhdxMetadata(storage, region, limits);
    metadata.readTable();
    return metadata.disk();
  }

  private void readTable() throws IOException {
    byte[] table = new byte[TABLE];
    storage.read(region.offset(), MemorySegment.ofArray(table));
    Head head = Head.STRUCT.decode(table, 0);
    if (head.signature != SIGNATURE || head.count > MOST) {
      throw corrupt("table has not its signature and at most 2047 entries", region.offset());
    }
    for (int i = 0; i < head.count; i++) {
      VhdxItem item = VhdxItem.STRUCT.decode(table, position(i));
      check(item, region.offset() + position(i));
      items.add(item);
    }
    checkOverlap();
  }

  /// Where an entry is in the table.
  static int position(int number) {
    return Head.STRUCT.size() + number * VhdxItem.STRUCT.size();
  }

  private void check(VhdxItem item, long at) throws ImageException {
    boolean empty = item.offset() == 0 && item.length() == 0;
    if (item.offset() + item.length() > region.length() || (item.offset() < TABLE && !empty)) {
      throw corrupt(
          item.name()
              + " has offset "
              + item.offset()
              + " and length "
              + item.length()
              + ", which is not between the table and the region's end "
              + region.length(),
          at);
    }
    boolean user = (item.flags() & VhdxItem.USER) != 0;
    if (!user && item.isKnown() && known.put(item.id(), item) != null) {
      throw corrupt(item.name() + " is there twice", at);
    }
    if ((user || !item.isKnown()) && item.isRequired()) {
      throw new ImageException.Unsupported(
          storage.name(), "VHDX metadata " + item.name() + " at " + at + " is not known");
    }
  }

  private void checkOverlap() throws ImageException {
    List<VhdxItem> sorted = new ArrayList<>(items);
    sorted.removeIf(item -> item.length() == 0);
    sorted.sort(Comparator.comparingLong(VhdxItem::offset));
    for (int i = 1; i < sorted.size(); i++) {
      VhdxItem item = sorted.get(i);
      VhdxItem before = sorted.get(i - 1);
      if (before.offset() + before.length() > item.offset()) {
        throw corrupt(item.name() + " overlaps " + before.name(), region.offset() + item.offset());
      }
    }
  }

  private ImageException corrupt(String what, long at) {
    return new ImageException.Corrupt(storage.name(), "VHDX metadata " + what + " (at " + at + ")");
  }

  private VhdxDisk disk() throws IOException {
    long parameters = number(VhdxItem.PARAMETERS, 8);
    var disk =
        new VhdxDisk(
            parameters & 0xffff_ffffL,
            (parameters >>> 32 & VhdxDisk.LEAVE_ALLOCATED) != 0,
            (parameters >>> 32 & VhdxDisk.HAS_PARENT) != 0,
            number(VhdxItem.SIZE, 8),
            Bytes.of(bytes(required(VhdxItem.DISK_ID), 16)),
            number(VhdxItem.LOGICAL_SECTOR, 4),
            number(VhdxItem.PHYSICAL_SECTOR, 4),
            locator(),
            items);
    String fault = disk.fault();
    if (!fault.isEmpty()) {
      throw corrupt(fault, region.offset());
    }
    return disk;
  }

  private VhdxItem required(Bytes id) throws ImageException {
    VhdxItem item = known.get(id);
    if (item == null) {
      String name = new VhdxItem(id, 0, 0, 0, 0).name();
      throw corrupt("has no " + name, region.offset());
    }
    return item;
  }

  private byte[] bytes(VhdxItem item, int length) throws IOException {
    if (item.length() != length) {
      throw corrupt(
          item.name() + " has " + item.length() + " bytes instead of " + length,
          region.offset() + item.offset());
    }
    byte[] bytes = new byte[length];
    storage.read(region.offset() + item.offset(), MemorySegment.ofArray(bytes));
    return bytes;
  }

  private long number(Bytes id, int length) throws IOException {
    byte[] bytes = new byte[8];
    System.arraycopy(bytes(required(id), length), 0, bytes, 0, length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private Optional<VhdxLocator> locator() throws IOException {
    VhdxItem item = known.get(VhdxItem.LOCATOR);
    if (item == null) {
      return Optional.empty();
    }
    Limits.check(storage.name(), "bytes of parent locator", item.length(), limits.text());
    long at = region.offset() + item.offset();
    try {
      return Optional.of(VhdxLocator.decode(bytes(item, (int) item.length())));
    } catch (IllegalArgumentException e) {
      throw corrupt("parent locator " + e.getMessage(), at);
    }
  }

  /// The region of a new image, without the zeros at its end.
  static byte[] encode(VhdxDisk disk) {
    long flags =
        (disk.leaveAllocated() ? VhdxDisk.LEAVE_ALLOCATED : 0)
            | (disk.hasParent() ? VhdxDisk.HAS_PARENT : 0);
    SequencedMap<Bytes, byte[]> values = new LinkedHashMap<>();
    values.put(VhdxItem.PARAMETERS, number(disk.blockSize() | flags << 32, 8));
    values.put(VhdxItem.SIZE, number(disk.size(), 8));
    values.put(VhdxItem.LOGICAL_SECTOR, number(disk.logicalSector(), 4));
    values.put(VhdxItem.PHYSICAL_SECTOR, number(disk.physicalSector(), 4));
    values.put(VhdxItem.DISK_ID, disk.id().toArray());
    disk.locator().ifPresent(locator -> values.put(VhdxItem.LOCATOR, locator.encode()));
    int length = values.values().stream().mapToInt(value -> value.length).sum();
    ByteBuffer region = ByteBuffer.allocate(TABLE + length);
    region.put(Head.STRUCT.encode(new Head(SIGNATURE, 0, values.size(), Bytes.zeros(20))));
    int offset = TABLE;
    for (var value : values.entrySet()) {
      Bytes id = value.getKey();
      boolean ofFile = id.equals(VhdxItem.PARAMETERS) || id.equals(VhdxItem.LOCATOR);
      long kind = VhdxItem.REQUIRED | (ofFile ? 0 : VhdxItem.DISK);
      byte[] bytes = value.getValue();
      region.put(VhdxItem.STRUCT.encode(new VhdxItem(id, offset, bytes.length, kind, 0)));
      region.put(offset, bytes);
      offset += bytes.length;
    }
    return region.array();
  }

  private static byte[] number(long value, int length) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return Arrays.copyOf(bytes, length);
  }
}
