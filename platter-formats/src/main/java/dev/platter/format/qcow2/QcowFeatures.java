package dev.platter.format.qcow2;

import dev.platter.struct.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Feature bits, and the table that names them for readers that do not know them.
final class QcowFeatures {
  /// Incompatible: refcounts may be too low or too high.
  static final long DIRTY = 1;

  /// Incompatible: structures may be damaged.
  static final long CORRUPT = 1 << 1;

  /// Incompatible: guest clusters are in a file of their own.
  static final long DATA_FILE = 1 << 2;

  /// Incompatible: compressed clusters are not deflated.
  static final long COMPRESSION = 1 << 3;

  /// Incompatible: L2 entries have subclusters.
  static final long EXTENDED_L2 = 1 << 4;

  /// The incompatible features that are known.
  static final long KNOWN_INCOMPATIBLE = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2;

  /// Compatible: refcounts may be written late.
  static final long LAZY_REFCOUNTS = 1;

  /// Autoclear: the bitmaps extension is consistent.
  static final long BITMAPS = 1;

  /// Autoclear: the data file is a raw image of its own.
  static final long RAW_DATA_FILE = 1 << 1;

  /// The autoclear features that are known.
  static final long KNOWN_AUTOCLEAR = BITMAPS | RAW_DATA_FILE;

  /// Bytes of an entry of the table: kind, bit, name.
  static final int ENTRY_SIZE = 48;

  private static final int NAME_SIZE = 46;

  /// The features of the specification.
  static final List<Feature> STANDARD =
      List.of(
          new Feature(0, 0, "dirty bit"),
          new Feature(0, 1, "corrupt bit"),
          new Feature(0, 2, "external data file"),
          new Feature(0, 3, "compression type"),
          new Feature(0, 4, "extended L2 entries"),
          new Feature(1, 0, "lazy refcounts"),
          new Feature(2, 0, "bitmaps"),
          new Feature(2, 1, "raw external data"));

  /// A named feature bit.
  ///
  /// @param kind 0 incompatible, 1 compatible, 2 autoclear
  record Feature(int kind, int bit, String name) {}

  private QcowFeatures() {}

  /// The data of the extension that names features.
  static Bytes encode(List<Feature> features) {
    byte[] table = new byte[features.size() * ENTRY_SIZE];
    int at = 0;
    for (Feature feature : features) {
      table[at] = (byte) feature.kind();
      table[at + 1] = (byte) feature.bit();
      byte[] name = Bytes.text(feature.name(), NAME_SIZE).toArray();
      System.arraycopy(name, 0, table, at + 2, NAME_SIZE);
      at += ENTRY_SIZE;
    }
    return Bytes.of(table);
  }

  /// The features that a table names; what is left over at its end is ignored.
  static List<Feature> decode(Bytes table) {
    byte[] bytes = table.toArray();
    List<Feature> features = new ArrayList<>();
    for (int at = 0; at + ENTRY_SIZE <= bytes.length; at += ENTRY_SIZE) {
      byte[] name = java.util.Arrays.copyOfRange(bytes, at + 2, at + ENTRY_SIZE);
      features.add(
          new Feature(
              bytes[at] & 0xff, bytes[at + 1] & 0xff, Bytes.of(name).text(StandardCharsets.UTF_8)));
    }
    return features;
  }

  /// The names of bits: as the table has them, else the bit's number.
  static String names(List<Feature> table, int kind, long bits) {
    var names = new StringBuilder();
    for (long rest = bits; rest != 0; rest &= rest - 1) {
      int bit = Long.numberOfTrailingZeros(rest);
      names.append(names.isEmpty() ? "" : ", ").append(name(table, kind, bit));
    }
    return names.toString();
  }

  private static String name(List<Feature> table, int kind, int bit) {
    for (Feature feature : table) {
      if (feature.kind() == kind && feature.bit() == bit && !feature.name().isEmpty()) {
        return "'" + feature.name() + "' (bit " + bit + ")";
      }
    }
    return "bit " + bit;
  }
}
