package dev.platter.format.vhdx;

import dev.platter.image.Dumpable.Dump;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Shows every structure of an image.
final class VhdxDump {
  private final VhdxFile file;
  private final VhdxDisk disk;
  private final VhdxTables tables;
  private final Storage storage;
  private final Dump sink;

  VhdxDump(VhdxImage image, Dump sink) {
    this.file = image.file();
    this.disk = file.disk();
    this.tables = image.tables();
    this.storage = file.view();
    this.sink = sink;
  }

  void dump() throws IOException {
    int identifier = VhdxFile.CREATOR + VhdxFile.CREATOR_SIZE;
    sink.begin("file type identifier", 0, identifier);
    sink.field("signature", 0, VhdxFile.CREATOR, VhdxFile.SIGNATURE, "");
    sink.field("creator", VhdxFile.CREATOR, VhdxFile.CREATOR_SIZE, file.creator(), "");
    sink.end();
    header(VhdxHeader.FIRST);
    header(VhdxHeader.SECOND);
    regions(VhdxRegionTable.FIRST);
    regions(VhdxRegionTable.SECOND);
    log();
    metadata();
    bat();
  }

  private <T> void fields(Struct<T> struct, T value, String prefix, long position) {
    for (Struct.Field field : struct.fields(value)) {
      boolean guid = field.size() == 16 && field.value() instanceof Bytes;
      Object shown = guid ? guid((Bytes) field.value()) : text(field.value());
      sink.field(prefix + field.name(), position + field.offset(), field.size(), shown, "");
    }
  }

  private static Object text(Object value) {
    return value instanceof Bytes bytes ? bytes.toString() : value;
  }

  private static String guid(Bytes bytes) {
    return bytes.isZero() ? "none" : bytes.mixedEndian().toString();
  }

  private void header(long position) throws IOException {
    var header = VhdxHeader.read(storage, position);
    sink.begin("header", position, VhdxHeader.SIZE);
    if (header.isPresent()) {
      fields(VhdxHeader.STRUCT, header.get(), "", position);
    } else {
      sink.field("checksum", position + 4, 4, "broken", "the other header counts");
    }
    sink.end();
  }

  private void regions(long position) throws IOException {
    var table = VhdxRegionTable.read(storage, position);
    sink.begin("region table", position, VhdxRegionTable.SIZE);
    if (table.isPresent()) {
      VhdxRegionTable.Head head = VhdxRegionTable.Head.STRUCT.read(storage, position);
      fields(VhdxRegionTable.Head.STRUCT, head, "", position);
      long at = position + VhdxRegionTable.Head.STRUCT.size();
      for (VhdxRegion region : table.get().regions()) {
        fields(VhdxRegion.STRUCT, region, region.name() + ".", at);
        at += VhdxRegion.STRUCT.size();
      }
    } else {
      sink.field("checksum", position + 4, 4, "broken", "the other copy counts");
    }
    sink.end();
  }

  private void log() throws IOException {
    VhdxHeader header = file.headers().current();
    sink.begin("log", header.logOffset(), header.logLength());
    for (VhdxLogScan.Found found : new VhdxLogScan(file.storage(), header).active()) {
      fields(VhdxLogEntry.STRUCT, found.entry(), "entry.", header.logOffset() + found.start());
    }
    sink.end();
  }

  private void metadata() throws IOException {
    VhdxRegion region = file.metadata();
    sink.begin("metadata table", region.offset(), VhdxMetadata.TABLE);
    VhdxMetadata.Head head = VhdxMetadata.Head.STRUCT.read(storage, region.offset());
    fields(VhdxMetadata.Head.STRUCT, head, "", region.offset());
    for (int i = 0; i < disk.items().size(); i++) {
      VhdxItem item = disk.items().get(i);
      fields(VhdxItem.STRUCT, item, item.name() + ".", region.offset() + VhdxMetadata.position(i));
    }
    sink.end();
    for (VhdxItem item : disk.items()) {
      if (item.length() > 0) {
        item(item, region.offset() + item.offset());
      }
    }
  }

  private void item(VhdxItem item, long position) throws IOException {
    sink.begin(item.name(), position, item.length());
    if (item.id().equals(VhdxItem.PARAMETERS)) {
      sink.field("blockSize", position, 4, disk.blockSize(), "");
      String note = disk.variant();
      sink.field("flags", position + 4, 4, flags(), note);
    } else if (item.id().equals(VhdxItem.LOCATOR) && disk.locator().isPresent()) {
      locator(disk.locator().get(), position, (int) item.length());
    } else {
      byte[] bytes = new byte[(int) Math.min(item.length(), 64)];
      storage.read(position, MemorySegment.ofArray(bytes));
      sink.field("value", position, bytes.length, value(item, bytes), "");
    }
    sink.end();
  }

  private long flags() {
    return (disk.leaveAllocated() ? VhdxDisk.LEAVE_ALLOCATED : 0)
        | (disk.hasParent() ? VhdxDisk.HAS_PARENT : 0);
  }

  private Object value(VhdxItem item, byte[] bytes) {
    if (item.id().equals(VhdxItem.SIZE)) {
      return disk.size();
    } else if (item.id().equals(VhdxItem.LOGICAL_SECTOR)) {
      return disk.logicalSector();
    } else if (item.id().equals(VhdxItem.PHYSICAL_SECTOR)) {
      return disk.physicalSector();
    }
    return item.id().equals(VhdxItem.DISK_ID) ? guid(disk.id()) : Bytes.of(bytes).toString();
  }

  private void locator(VhdxLocator locator, long position, int length) throws IOException {
    sink.field("type", position, 16, guid(locator.type()), "");
    byte[] bytes = new byte[length];
    storage.read(position, MemorySegment.ofArray(bytes));
    int head = VhdxLocator.Head.STRUCT.size();
    for (int i = 0; i < locator.values().size(); i++) {
      VhdxLocator.Pair pair =
          VhdxLocator.Pair.STRUCT.decode(bytes, head + i * VhdxLocator.Pair.STRUCT.size());
      String key =
          new String(bytes, (int) pair.keyOffset(), pair.keyLength(), StandardCharsets.UTF_16LE);
      sink.field(
          key, position + pair.valueOffset(), pair.valueLength(), locator.values().get(key), "");
    }
  }

  private void bat() throws IOException {
    sink.begin("BAT", file.bat().offset(), file.bat().length());
    for (long block = 0; block < disk.blocks(); ) {
      long entry = tables.entry(block);
      long run = 1;
      while (block + run < disk.blocks() && follows(entry, run, tables.entry(block + run))) {
        run++;
      }
      String name = run == 1 ? "block " + block : "blocks " + block + " to " + (block + run - 1);
      long at = tables.position(disk.index(block));
      long behind = tables.position(disk.index(block + run - 1)) + 8;
      sink.field(name, at, (int) (behind - at), "0x" + Long.toHexString(entry), meaning(entry));
      block += run;
    }
    for (long chunk = 0; disk.hasParent() && chunk < disk.chunks(); chunk++) {
      long entry = tables.bitmapEntry(chunk);
      long at = tables.position(disk.bitmapIndex(chunk));
      sink.field("bitmap " + chunk, at, 8, "0x" + Long.toHexString(entry), meaning(entry));
    }
    sink.end();
  }

  private boolean follows(long first, long count, long entry) {
    boolean stored = VhdxTables.isStored(VhdxTables.state(first));
    return entry == first + (stored ? count * disk.blockSize() : 0);
  }

  private static String meaning(long entry) {
    int state = VhdxTables.state(entry);
    String place = " at " + Long.toUnsignedString(VhdxTables.place(entry));
    return switch (state) {
      case VhdxTables.NOT_PRESENT -> "not in this image";
      case VhdxTables.UNDEFINED -> "undefined";
      case VhdxTables.ZERO -> "zeros";
      case VhdxTables.UNMAPPED, VhdxTables.OLD_UNMAPPED -> "unmapped";
      case VhdxTables.FULL -> "present" + place;
      case VhdxTables.PARTIAL -> "partly present" + place;
      default -> "unknown state " + state;
    };
  }
}
