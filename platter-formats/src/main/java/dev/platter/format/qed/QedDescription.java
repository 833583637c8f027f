package dev.platter.format.qed;

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
final class QedDescription {
  private final QedImage image;
  private final QedTables tables;
  private final QedHeader header;
  private final Dump sink;

  QedDescription(QedImage image, Dump sink) {
    this.image = image;
    this.tables = image.tables();
    this.header = tables.header();
    this.sink = sink;
  }

  static ImageInfo info(QedImage image) {
    QedHeader header = image.tables().header();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("table-size", header.tableSize());
    specific.put("header-size", header.headerSize());
    specific.put("l1-table-offset", header.tablePosition());
    if (header.has(QedHeader.BACKING)) {
      specific.put("raw-backing", header.has(QedHeader.RAW_BACKING));
    }
    put(specific, "unknown-features", header.features() & ~QedHeader.KNOWN);
    put(specific, "compat-features", header.compatFeatures());
    put(specific, "autoclear-features", header.autoclearFeatures());
    return new ImageInfo(
        OptionalLong.of(header.clusterSize()),
        image.tables().needsCheck(),
        false,
        false,
        false,
        Optional.empty(),
        List.of(),
        specific);
  }

  private static void put(SequencedMap<String, Object> target, String name, long bits) {
    if (bits != 0) {
      target.put(name, QedHeader.bits(bits));
    }
  }

  void dump() throws IOException {
    Struct<QedHeader> struct = QedHeader.STRUCT;
    sink.begin(struct.name(), 0, Math.min(header.headerEnd(), tables.storage().size()));
    for (Struct.Field field : struct.fields(header)) {
      Object value = field.name().equals("features") ? tables.features() : field.value();
      sink.field(field.name(), field.offset(), field.size(), value, note(field.name()));
    }
    if (image.backing().isPresent()) {
      sink.field(
          "backing",
          header.backingPosition(),
          (int) header.backingLength(),
          image.backing().get(),
          header.has(QedHeader.RAW_BACKING) ? "a raw image" : "");
    }
    sink.end();
    dumpFirst();
    dumpSecond();
  }

  private String note(String field) {
    return switch (field) {
      case "signature" -> "QED";
      case "tableSize", "headerSize" -> "clusters";
      case "features" -> QedHeader.bits(tables.features());
      case "compatFeatures" -> QedHeader.bits(header.compatFeatures());
      case "autoclearFeatures" -> QedHeader.bits(header.autoclearFeatures());
      default -> "";
    };
  }

  private void dumpFirst() throws IOException {
    sink.begin("L1 table", header.tablePosition(), header.tableBytes());
    tables
        .map()
        .walk(
            new TwoLevelMap.Visitor() {
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
            });
    sink.end();
  }

  private void dumpSecond() throws IOException {
    var shown =
        new TwoLevelMap.Visitor() {
          private boolean begun;

          @Override
          public boolean table(long index, long entry) throws IOException {
            finish();
            begun = tables.isTable(entry);
            if (begun) {
              sink.begin("L2 table " + index, entry, header.tableBytes());
            }
            return begun;
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            String name =
                count == 1
                    ? "cluster " + block
                    : "clusters " + block + " to " + (block + count - 1);
            long position =
                tables.map().tableEntry(block / header.entries())
                    + Long.BYTES * (block % header.entries());
            sink.field(
                name,
                position,
                (int) (Long.BYTES * count),
                entry,
                entry == QedTables.ZERO ? "zeros" : "at " + Long.toUnsignedString(entry));
          }

          private void finish() {
            if (begun) {
              sink.end();
            }
          }
        };
    tables.map().walk(shown);
    shown.finish();
  }
}
