package dev.platter.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Turns bytes into stored bytes of the same length and back, a unit at a time and each unit by
/// itself: encryption. Safe for use by many threads.
public interface Transform {

  /// Bytes that are turned as a whole; a power of two.
  int unit();

  /// Turns bytes into what is stored.
  ///
  /// @param position where the bytes are going to be stored, as this transform counts it; a
  ///   multiple of [#unit]
  /// @param source whole units
  /// @param target as long; may be `source` itself
  void encode(long position, MemorySegment source, MemorySegment target) throws IOException;

  /// Turns what is stored into bytes.
  ///
  /// @param position where the bytes are stored; a multiple of [#unit]
  /// @param source whole units
  /// @param target as long; may be `source` itself
  void decode(long position, MemorySegment source, MemorySegment target) throws IOException;
}
