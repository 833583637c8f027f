package dev.platter.format.qcow2;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.Limits;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.List;

/// Shows the structures of an image. Tables are shown in runs: of entries that are the same or
/// point at neighbours.
record QcowDump(QcowTables tables, Limits limits, Dump sink) {
  private static final int ENTRY = 8;

  void dump() throws IOException {
    header();
    extensions();
    refcounts();
    l1();
    snapshots();
    bitmaps();
  }

  private void header() {
    QcowHeader header = tables.head.header();
    sink.begin("header", 0, header.headerLength());
    fields(QcowHeader.struct(header.version()), header, 0);
    int additional = tables.head.additional().length();
    if (additional > 0) {
      int at = QcowHeader.COMPRESSION_AT;
      long type = tables.head.compressionType();
      sink.field("compression_type", at, 1, type, type == 0 ? "zlib" : type == 1 ? "zstd" : "");
      sink.field("padding", at + 1, additional - 1, tables.head.additional().toString(), "");
    }
    sink.end();
    tables
        .head
        .backing()
        .ifPresent(name -> {
          int length = (int) header.backingSize();
          sink.begin("backing file name", header.backingOffset(), length);
          sink.field("name", header.backingOffset(), length, name, "");
          sink.end();
        });
  }

  private <T> void fields(Struct<T> struct, T value, long position) {
    for (Struct.Field field : struct.fields(value)) {
      Object shown = field.value() instanceof Long number ? number : field.value().toString();
      sink.field(field.name(), position + field.offset(), field.size(), shown, note(field));
    }
  }

  private static String note(Struct.Field field) {
    if (!(field.value() instanceof Long bits) || bits == 0) {
      return "";
    }
    return switch (field.name()) {
      case "incompatible_features" -> QcowFeatures.names(QcowFeatures.STANDARD, 0, bits);
      case "compatible_features" -> QcowFeatures.names(QcowFeatures.STANDARD, 1, bits);
      case "autoclear_features" -> QcowFeatures.names(QcowFeatures.STANDARD, 2, bits);
      case "cluster_bits" -> "clusters of " + (1L << bits) + " bytes";
      case "refcount_order" -> "counts of " + (1L << bits) + " bits";
      default -> field.name().endsWith("offset") ? QcowTables.hex(bits) : "";
    };
  }

  private void extensions() throws IOException {
    long at = tables.head.header().headerLength();
    for (QcowExtension extension : tables.head.extensions()) {
      sink.begin("header extension: " + extension.name(), at, extension.size());
      sink.field("type", at, 4, extension.type(), QcowTables.hex(extension.type()));
      sink.field("length", at + 4, 4, (long) extension.data().length(), "");
      extensionData(extension, at + QcowExtension.HEAD);
      sink.end();
      at += extension.size();
    }
  }

  private void extensionData(QcowExtension extension, long at) throws IOException {
    int length = extension.data().length();
    if (extension.type() == QcowExtension.FEATURE_NAMES) {
      for (QcowFeatures.Feature feature : QcowFeatures.decode(extension.data())) {
        String kind = List.of("incompatible", "compatible", "autoclear").get(feature.kind() % 3);
        sink.field(
            "feature", at, QcowFeatures.ENTRY_SIZE, feature.name(), kind + " bit " + feature.bit());
        at += QcowFeatures.ENTRY_SIZE;
      }
    } else if (extension.type() == QcowExtension.BITMAPS
        && length == QcowBitmap.Directory.STRUCT.size()) {
      fields(
          QcowBitmap.Directory.STRUCT,
          QcowBitmap.Directory.of(tables.storage.name(), extension),
          at);
    } else if (extension.type() == QcowExtension.BACKING_FORMAT
        || extension.type() == QcowExtension.DATA_FILE) {
      sink.field("name", at, length, tables.head.text(extension.type()).orElse(""), "");
    } else {
      sink.field("data", at, length, extension.data().toString(), "");
    }
  }

  private void refcounts() throws IOException {
    long position = tables.refcountOffset();
    long entries = tables.refcountEntries();
    sink.begin("refcount table", position, ENTRY * entries);
    for (long index = 0; index < entries; index++) {
      long block = tables.refcountBlock(index);
      if (block != 0) {
        sink.field("entry " + index, position + ENTRY * index, ENTRY, block, "refcount block");
      }
    }
    sink.end();
    for (long index = 0; index < entries; index++) {
      long block = tables.refcountBlock(index);
      if (block != 0) {
        refcountBlock(index, block);
      }
    }
  }

  private void refcountBlock(long index, long block) throws IOException {
    int blockBits = tables.width.blockBits(tables.clusterBits);
    int counts = 1 << blockBits;
    sink.begin("refcount block " + index, block, tables.clusterSize);
    for (int from = 0; from < counts; ) {
      long count = tables.width.get(tables.cache, block, from);
      int to = from + 1;
      while (to < counts && tables.width.get(tables.cache, block, to) == count) {
        to++;
      }
      if (count != 0) {
        long bits = tables.width.bits();
        long first = (index << blockBits) + from;
        sink.field(
            "count",
            block + ((from * bits) >>> 3),
            (int) (((to - from) * bits + 7) >>> 3),
            count,
            run("cluster", first, first + (to - from)));
      }
      from = to;
    }
    sink.end();
  }

  private static String run(String what, long from, long to) {
    return to - from == 1 ? what + " " + from : what + "s " + from + " to " + (to - 1);
  }

  private void l1() throws IOException {
    sink.begin("L1 table", tables.l1Offset(), ENTRY * tables.l1Size());
    for (long index = 0; index < tables.l1Size(); index++) {
      long entry = tables.l1(index);
      if (entry != 0) {
        sink.field(
            "entry " + index,
            tables.l1Offset() + ENTRY * index,
            ENTRY,
            QcowTables.hex(entry),
            L2Entry.copied(entry) ? "copied" : "shared");
      }
    }
    sink.end();
    for (long index = 0; index < tables.l1Size(); index++) {
      long table = tables.l2(index);
      if (table != 0) {
        l2(index, table);
      }
    }
  }

  private void l2(long index, long table) throws IOException {
    int size = tables.extended ? 2 * ENTRY : ENTRY;
    int entries = tables.clusterSize / size;
    sink.begin("L2 table of L1 entry " + index, table, tables.clusterSize);
    for (int from = 0; from < entries; ) {
      long entry = tables.cache.getLong(table + (long) from * size);
      long bitmap = tables.extended ? tables.cache.getLong(table + (long) from * size + ENTRY) : 0;
      int to = from + 1;
      while (to < entries && follows(table + (long) to * size, entry, bitmap, to - from)) {
        to++;
      }
      if (entry != 0 || bitmap != 0) {
        long first = (index << tables.l2Bits) + from;
        String subclusters = tables.extended ? ", subclusters " + QcowTables.hex(bitmap) : "";
        sink.field(
            "entry " + from,
            table + (long) from * size,
            (to - from) * size,
            QcowTables.hex(entry),
            run("cluster", first, first + (to - from)) + ": " + meaning(entry) + subclusters);
      }
      from = to;
    }
    sink.end();
  }

  private boolean follows(long at, long entry, long bitmap, int distance) throws IOException {
    boolean counts = !L2Entry.compressed(entry) && L2Entry.place(entry) != 0;
    long expected = counts ? entry + ((long) distance << tables.clusterBits) : entry;
    return tables.cache.getLong(at) == expected
        && (!counts || L2Entry.place(expected) > L2Entry.place(entry))
        && !L2Entry.compressed(entry)
        && (!tables.extended || tables.cache.getLong(at + ENTRY) == bitmap);
  }

  private String meaning(long entry) {
    if (L2Entry.compressed(entry)) {
      return "compressed, at most "
          + L2Entry.encodedLength(entry, tables.clusterBits)
          + " bytes at "
          + QcowTables.hex(L2Entry.encodedPosition(entry, tables.clusterBits));
    }
    String zero = L2Entry.zero(entry) ? "zeros, " : "";
    if (L2Entry.place(entry) == 0 && !L2Entry.copied(entry)) {
      return zero + "no place";
    }
    return zero
        + (L2Entry.copied(entry) ? "stored at " : "shared at ")
        + QcowTables.hex(L2Entry.place(entry));
  }

  private void snapshots() throws IOException {
    for (QcowSnapshot s : QcowSnapshot.read(tables.storage, tables.head.header(), limits)) {
      sink.begin("snapshot", s.position(), s.size());
      fields(QcowSnapshot.Head.STRUCT, s.head(), s.position());
      long at = s.position() + QcowSnapshot.Head.STRUCT.size();
      sink.field("extra data", at, s.extra().length(), s.extra().toString(), "");
      at += s.extra().length();
      sink.field("id", at, s.head().idSize(), s.id(), "");
      sink.field("name", at + s.head().idSize(), s.head().nameSize(), s.name(), "");
      sink.end();
    }
  }

  private void bitmaps() throws IOException {
    for (QcowBitmap bitmap : QcowBitmap.read(tables.storage, tables.head, limits)) {
      QcowBitmap.Head head = bitmap.head();
      int fixed = QcowBitmap.Head.STRUCT.size();
      long size = fixed + head.extraSize() + head.nameSize();
      sink.begin("bitmap directory entry", bitmap.position(), size);
      fields(QcowBitmap.Head.STRUCT, head, bitmap.position());
      long name = bitmap.position() + fixed + head.extraSize();
      sink.field("name", name, head.nameSize(), bitmap.name(), "");
      sink.end();
    }
  }
}
