package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.image.Dumpable.Dump;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.List;

/// The structures of an image's first file.
record VmdkDump(VmdkImage image) {
  private static final int SECTOR = SparseHeader.SECTOR;

  void dump(Dump sink) throws IOException {
    if (image.embedded() && image.parts().getFirst().extent() instanceof SparseExtent extent) {
      dumpHeader(sink, extent, 0);
      descriptor(sink);
      directory(sink, extent, Copy.FIRST, "grain directory");
      if (extent.tables().mirrored()) {
        directory(sink, extent, Copy.SECOND, "redundant grain directory");
      }
      footer(sink, extent);
    } else {
      descriptor(sink);
    }
  }

  private static void dumpHeader(Dump sink, SparseExtent extent, long position) throws IOException {
    Struct<SparseHeader> struct = SparseHeader.STRUCT;
    sink.begin(position == 0 ? struct.name() : "footer", position, struct.size());
    for (Struct.Field field : struct.fields(struct.read(extent.storage(), position))) {
      boolean padding = field.name().equals("reserved");
      if (!padding) {
        Object value = field.value() instanceof Bytes bytes ? bytes.toString() : field.value();
        sink.field(field.name(), position + field.offset(), field.size(), value, note(field));
      }
    }
    sink.end();
  }

  private static String note(Struct.Field field) {
    return switch (field.name()) {
      case "magic" -> "KDMV";
      case "flags" ->
          "1 newlines, 2 redundant tables, 4 zero marks, 0x10000 compressed, 0x20000 markers";
      case "capacity", "grainSize", "descriptorSize" -> "sectors";
      case "descriptorOffset", "redundantOffset", "overhead" -> "a sector";
      case "directoryOffset" -> "a sector, -1 if the footer says it";
      case "unclean" -> "1 while it is open for writing";
      case "compression" -> "1 deflate";
      default -> "";
    };
  }

  private void footer(Dump sink, SparseExtent extent) throws IOException {
    SparseHeader first = SparseHeader.STRUCT.read(extent.storage(), 0);
    if (first.directoryOffset() == SparseHeader.AT_END) {
      dumpHeader(sink, extent, SparseHeader.footer(extent.storage()));
    }
  }

  private void descriptor(Dump sink) throws IOException {
    DescriptorPlace place = image.place();
    long room = place.room() == 0 ? place.storage().size() : place.room();
    sink.begin("descriptor", place.position(), room);
    long position = place.position();
    List<String> lines = image.descriptor().lines();
    for (int line = 0; line < lines.size(); line++) {
      int length = lines.get(line).getBytes(image.descriptor().charset()).length;
      String text = lines.get(line).stripTrailing();
      if (!text.isEmpty()) {
        sink.field("line " + (line + 1), position, length, text, "");
      }
      position += length;
    }
    sink.end();
  }

  private static void directory(Dump sink, SparseExtent extent, Copy copy, String name)
      throws IOException {
    GrainTables tables = extent.tables();
    GrainLayout layout = extent.layout();
    if (layout.tables() == 0) {
      return;
    }
    sink.begin(name, tables.directory(copy), layout.directoryBytes());
    for (long number = 0; number < layout.tables(); number++) {
      long sector = tables.tableSector(number, copy);
      String note = sector == 0 ? "no table" : "table at " + sector * SECTOR;
      sink.field("table " + number, tables.directory(copy) + 4 * number, 4, sector, note);
    }
    sink.end();
    for (long number = 0; number < layout.tables(); number++) {
      table(sink, extent, copy, number);
    }
  }

  private static void table(Dump sink, SparseExtent extent, Copy copy, long number)
      throws IOException {
    GrainTables tables = extent.tables();
    GrainLayout layout = extent.layout();
    long sector = tables.tableSector(number, copy);
    if (sector == 0 || !tables.inFile(sector * SECTOR + layout.tableBytes())) {
      return;
    }
    sink.begin("grain table " + number, sector * SECTOR, layout.tableBytes());
    long first = number * layout.entries();
    long end = Math.min(first + layout.entries(), layout.grains());
    for (long grain = first; grain < end; ) {
      long entry = tables.entry(grain, copy);
      long count = 1;
      while (grain + count < end
          && tables.entry(grain + count, copy) == next(extent, entry, count)) {
        count++;
      }
      String name =
          count == 1 ? "grain " + grain : "grains " + grain + " to " + (grain + count - 1);
      long position = sector * SECTOR + 4 * (grain - first);
      sink.field(name, position, (int) (4 * count), entry, meaning(extent, entry));
      grain += count;
    }
    sink.end();
  }

  private static long next(SparseExtent extent, long entry, long count) {
    boolean place = entry != 0 && !extent.isZeroMark(entry);
    return place ? entry + count * extent.layout().grainSectors() : entry;
  }

  private static String meaning(SparseExtent extent, long entry) {
    if (entry == 0) {
      return "not in this image";
    }
    return extent.isZeroMark(entry) ? "zeros" : "at " + entry * SECTOR;
  }
}
