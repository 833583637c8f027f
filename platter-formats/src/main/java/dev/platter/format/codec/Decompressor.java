package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;

/// Decompresses units, one thread's. What it needs it keeps until it is closed.
public sealed interface Decompressor extends AutoCloseable
    permits Adc,
        Bzip2Decompressor,
        JavaInflate,
        LibdeflateInflate,
        Lzfse,
        XzDecompressor,
        ZlibInflate {

  /// Fills `unit` from `stored`, which may have bytes behind the ones that are needed.
  ///
  /// @return whether the bytes are valid and enough; if not, `unit` may have been changed
  boolean decompress(MemorySegment stored, MemorySegment unit);

  @Override
  void close();

  /// Raw deflate: through libdeflate if the system has it, else with what Java brings along.
  static Decompressor deflate() {
    return LibdeflateInflate.open()
        .<Decompressor>map(native_ -> native_)
        .orElseGet(JavaInflate::new);
  }

  /// A zlib stream of exactly one unit, whose checksum is verified.
  static Decompressor zlib() {
    return new ZlibInflate();
  }

  /// A bzip2 stream of exactly one unit.
  static Decompressor bzip2() {
    return new Bzip2Decompressor();
  }

  /// An xz stream of exactly one unit.
  static Decompressor xz() {
    return new XzDecompressor();
  }

  /// An LZFSE stream of exactly one unit.
  static Decompressor lzfse() {
    return new Lzfse();
  }

  /// Apple Data Compression.
  static Decompressor adc() {
    return new Adc();
  }
}
