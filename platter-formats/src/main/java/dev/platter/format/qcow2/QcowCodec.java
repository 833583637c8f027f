package dev.platter.format.qcow2;

import dev.platter.image.ImageException;

/// How compressed clusters are compressed.
enum QcowCodec {
  /// Raw deflate, which `zlib` is the usual name for.
  ZLIB,
  /// One zstd frame a cluster.
  ZSTD;

  /// The codec of a `compression_type`.
  static QcowCodec of(String file, int type) throws ImageException {
    return switch (type) {
      case 0 -> ZLIB;
      case 1 -> ZSTD;
      default ->
          throw new ImageException.Unsupported(
              file, "compression type " + type + " at 104, known are 0 (zlib) and 1 (zstd)");
    };
  }

  /// The name in options and descriptions.
  String label() {
    return this == ZLIB ? "zlib" : "zstd";
  }
}
