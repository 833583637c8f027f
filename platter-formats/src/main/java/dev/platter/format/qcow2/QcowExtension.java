package dev.platter.format.qcow2;

import dev.platter.struct.Bytes;
import java.nio.charset.StandardCharsets;

/// A header extension.
///
/// @param type what it is
/// @param data without the padding to a multiple of eight
record QcowExtension(long type, Bytes data) {
  static final long END = 0;
  static final long BACKING_FORMAT = 0xe2792acaL;
  static final long FEATURE_NAMES = 0x6803f857L;
  static final long BITMAPS = 0x23852875L;
  static final long ENCRYPTION = 0x0537be77L;
  static final long DATA_FILE = 0x44415441L;

  /// Bytes of type and length.
  static final int HEAD = 8;

  /// An extension that is a text.
  static QcowExtension text(long type, String text) {
    return new QcowExtension(type, Bytes.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// Bytes that it takes in the header.
  int size() {
    return HEAD + ((data.length() + 7) & -8);
  }

  /// What the type is called.
  String name() {
    if (type == BACKING_FORMAT) {
      return "backing format";
    } else if (type == FEATURE_NAMES) {
      return "feature name table";
    } else if (type == BITMAPS) {
      return "bitmaps";
    } else if (type == ENCRYPTION) {
      return "encryption header";
    } else if (type == DATA_FILE) {
      return "data file name";
    }
    return "unknown extension";
  }
}
