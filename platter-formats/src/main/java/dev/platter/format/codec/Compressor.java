package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;

/// Compresses units, one thread's. What it needs it keeps until it is closed.
public sealed interface Compressor extends AutoCloseable
    permits Bzip2Compressor, JavaDeflate, Libdeflate, XzCompressor, ZlibDeflate, ZstdCompressor {

  /// Compresses all of `unit`.
  ///
  /// @return bytes written to `target`, 0 if they do not fit
  int compress(MemorySegment unit, MemorySegment target);

  /// Bytes that `target` should have for a unit of `size`, so that a failure costs nothing.
  long bound(long size);

  @Override
  void close();

  /// Raw deflate: through libdeflate if the system has it, else with what Java brings along.
  ///
  /// @param level 1 (fast) to 12, 0 for the fast default; Java's knows 1 to 9
  static Compressor deflate(int level) {
    int wanted = level == 0 ? 1 : level;
    return Libdeflate.open(wanted)
        .<Compressor>map(native_ -> native_)
        .orElseGet(() -> new JavaDeflate(Math.min(wanted, 9)));
  }

  /// A zstd frame.
  ///
  /// @param level 1 (fast) to 22, 0 for the fast default
  static Compressor zstd(int level) {
    return new ZstdCompressor(level == 0 ? 3 : level);
  }

  /// A zlib stream: deflate with a header and a checksum.
  ///
  /// @param level as for [#deflate]
  static Compressor zlib(int level) {
    return new ZlibDeflate(deflate(level));
  }

  /// A bzip2 stream.
  static Compressor bzip2() {
    return new Bzip2Compressor();
  }

  /// An xz stream without a check, as its users have checksums of their own.
  static Compressor xz() {
    return new XzCompressor();
  }
}
