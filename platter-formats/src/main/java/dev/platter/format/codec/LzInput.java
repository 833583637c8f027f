package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;

/// Compressed bytes on their way into a decoder; little-endian, never read behind their end.
final class LzInput {
  /// Bytes behind the end, so that eight can be loaded at once at any place.
  static final int PADDING = 8;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final int end;
  private int at;

  LzInput(MemorySegment stored) {
    end = Math.toIntExact(stored.byteSize());
    bytes = new byte[end + PADDING];
    MemorySegment.copy(stored, ValueLayout.JAVA_BYTE, 0, bytes, 0, end);
  }

  /// A part of another input.
  private LzInput(byte[] bytes, int at, int end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /// Bytes that are left.
  int left() {
    return end - at;
  }

  /// The next bytes as an input of their own; this one goes on behind them.
  LzInput part(long length) throws DataFormatException {
    int start = skip(length);
    return new LzInput(bytes, start, at);
  }

  /// Where the next byte is in [#bytes].
  int position() {
    return at;
  }

  /// What the positions are positions of, with [#PADDING] behind it.
  byte[] bytes() {
    return bytes;
  }

  /// Passes over some bytes.
  ///
  /// @return where they start
  int skip(long length) throws DataFormatException {
    if (length < 0 || length > left()) {
      throw new DataFormatException("cut off");
    }
    int start = at;
    at += (int) length;
    return start;
  }

  int u8() throws DataFormatException {
    return bytes[skip(1)] & 0xff;
  }

  int u16() throws DataFormatException {
    return (int) load(bytes, skip(2)) & 0xffff;
  }

  long u32() throws DataFormatException {
    return load(bytes, skip(4)) & 0xffff_ffffL;
  }

  long u64() throws DataFormatException {
    return load(bytes, skip(8));
  }

  /// Eight bytes at a place.
  static long load(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }
}
