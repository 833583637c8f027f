package dev.platter.format.qcow;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.ImageInfo;
import dev.platter.map.TwoLevelMap;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// An image in words.
final class Qcow1Description {
  private final Qcow1Image image;
  private final Qcow1Tables tables;
  private final Qcow1Header header;
  private final Dump sink;

  Qcow1Description(Qcow1Image image, Dump sink) {
    this.image = image;
    this.tables = image.tables();
    this.header = tables.header();
    this.sink = sink;
  }

  static ImageInfo info(Qcow1Image image) {
    Qcow1Header header = image.tables().header();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("l1-entries", header.tables());
    specific.put("l1-table-offset", header.tablePosition());
    specific.put("l2-entries", (long) header.entries());
    if (header.modified() != 0) {
      specific.put("parent-modified", header.modified());
    }
    if (header.encryption() != 0) {
      specific.put("encryption", header.encryption() == 1 ? "aes" : "" + header.encryption());
    }
    return new ImageInfo(
        OptionalLong.of(header.clusterSize()),
        false,
        false,
        header.encryption() != 0,
        false,
        Optional.empty(),
        List.of(),
        specific);
  }

  void dump() throws IOException {
    Struct<Qcow1Header> struct = Qcow1Header.STRUCT;
    sink.begin(struct.name(), 0, struct.size());
    for (Struct.Field field : struct.fields(header)) {
      sink.field(field.name(), field.offset(), field.size(), field.value(), note(field.name()));
    }
    sink.end();
    if (image.backing().isPresent()) {
      sink.begin("parent's name", header.backingPosition(), header.backingLength());
      int length = (int) header.backingLength();
      sink.field("name", header.backingPosition(), length, image.backing().get(), "");
      sink.end();
    }
    var entries = new Entries();
    tables.map().walk(entries.first());
    entries.finish();
    tables.map().walk(entries);
    entries.finish();
  }

  private String note(String field) {
    return switch (field) {
      case "signature" -> "QFI";
      case "clusterBits" -> header.clusterSize() + " bytes a cluster";
      case "tableBits" -> header.entries() + " entries an L2 table";
      case "encryption" -> header.encryption() == 0 ? "none" : "AES";
      default -> "";
    };
  }

  private final class Entries implements TwoLevelMap.Visitor {
    private boolean begun;

    private TwoLevelMap.Visitor first() {
      begun = header.tables() > 0;
      if (begun) {
        long length = header.tableEnd() - header.tablePosition();
        sink.begin("L1 table", header.tablePosition(), length);
      }
      return new TwoLevelMap.Visitor() {
        @Override
        public boolean table(long index, long entry) {
          long position = tables.map().tablePosition(index);
          sink.field("entry " + index, position, Long.BYTES, entry, "L2 table");
          return false;
        }

        @Override
        public void blocks(long block, long count, long entry) {
          throw new IllegalStateException("entries were not asked for");
        }
      };
    }

    @Override
    public boolean table(long index, long entry) throws IOException {
      finish();
      begun = tables.sensible(entry) && tables.inFile(entry);
      if (begun) {
        long there = tables.storage().size() - entry;
        long length = Math.min(Long.BYTES * (long) header.entries(), there);
        sink.begin("L2 table " + index, entry, length);
      }
      return begun;
    }

    @Override
    public void blocks(long block, long count, long entry) throws IOException {
      String name =
          count == 1 ? "cluster " + block : "clusters " + block + " to " + (block + count - 1);
      int length = (int) (Long.BYTES * count);
      sink.field(name, tables.map().position(block), length, entry, meaning(entry));
    }

    private String meaning(long entry) {
      String place = "at " + tables.position(entry);
      return Qcow1Entry.compressed(entry)
          ? Qcow1Entry.encodedLength(entry, header.clusterBits()) + " compressed bytes " + place
          : place;
    }

    private void finish() {
      if (begun) {
        sink.end();
      }
      begun = false;
    }
  }
}
