package dev.platter.format.dmg;

import dev.platter.format.codec.Decompressor;
import java.util.List;
import java.util.Optional;

/// What a chunk is.
enum ChunkKind {
  /// Zeros, which a checksum covers.
  ZERO(0, "zero", ""),
  /// Bytes as they are.
  RAW(1, "raw", "UDRO"),
  /// Zeros that a checksum does not cover: what was never used.
  IGNORED(2, "ignored", ""),
  /// Apple Data Compression.
  ADC(0x8000_0004L, "ADC", "UDCO"),
  /// A zlib stream.
  ZLIB(0x8000_0005L, "zlib", "UDZO"),
  /// A bzip2 stream.
  BZIP2(0x8000_0006L, "bzip2", "UDBZ"),
  /// An LZFSE stream.
  LZFSE(0x8000_0007L, "LZFSE", "ULFO"),
  /// An xz stream.
  LZMA(0x8000_0008L, "LZMA", "ULMO"),
  /// No sectors: a remark.
  COMMENT(0x7fff_fffeL, "comment", ""),
  /// No sectors: the last one.
  END(0xffff_ffffL, "end", "");

  private static final List<ChunkKind> ALL = List.of(values());

  private final long code;
  private final String label;
  private final String image;

  ChunkKind(long code, String label, String image) {
    this.code = code;
    this.label = label;
    this.image = image;
  }

  /// The kind of a stored number, if it is known.
  static Optional<ChunkKind> of(long code) {
    for (ChunkKind kind : ALL) {
      if (kind.code == code) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  long code() {
    return code;
  }

  String label() {
    return label;
  }

  /// What Apple calls an image whose data is of this kind; empty where there is no such image.
  String image() {
    return image;
  }

  boolean hasSectors() {
    return this != COMMENT && this != END;
  }

  boolean zeros() {
    return this == ZERO || this == IGNORED;
  }

  boolean compressed() {
    return hasSectors() && !zeros() && this != RAW;
  }

  /// A new decompressor, for the compressed kinds.
  Decompressor decompressor() {
    return switch (this) {
      case ADC -> Decompressor.adc();
      case ZLIB -> Decompressor.zlib();
      case BZIP2 -> Decompressor.bzip2();
      case LZFSE -> Decompressor.lzfse();
      case LZMA -> Decompressor.xz();
      case ZERO, RAW, IGNORED, COMMENT, END ->
          throw new IllegalStateException(label + " is not compressed");
    };
  }
}
