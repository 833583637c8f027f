package dev.platter.testkit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// Bytes that say where on the disk they belong and which write put them there, so that a stray
/// sector names itself.
///
/// Sixteen bytes make a stamp: the letters `PLTR`, the version, and the offset on the disk of the
/// stamp's first byte. A write at an odd offset starts in the middle of one.
public final class Stamp {
  private static final int SIZE = 16;
  private static final int MAGIC = 0x504c5452;

  private Stamp() {}

  /// The bytes that version `version` has at `offset`.
  public static byte[] bytes(long offset, int length, int version) {
    long first = offset / SIZE;
    int stamps = (int) ((offset + length + SIZE - 1) / SIZE - first);
    var all = ByteBuffer.allocate(stamps * SIZE);
    for (int at = 0; at < stamps; at++) {
      all.putInt(MAGIC).putInt(version).putLong((first + at) * SIZE);
    }
    byte[] bytes = new byte[length];
    System.arraycopy(all.array(), (int) (offset % SIZE), bytes, 0, length);
    return bytes;
  }

  /// The same as a segment.
  public static MemorySegment segment(long offset, int length, int version) {
    return MemorySegment.ofArray(bytes(offset, length, version));
  }

  /// The version of the stamp at a multiple of 16 that belongs to `offset`; -1 if none is there.
  public static int version(byte[] disk, int at, long offset) {
    var stamp = ByteBuffer.wrap(disk, at, SIZE);
    boolean whole = stamp.getInt() == MAGIC;
    int version = stamp.getInt();
    return whole && stamp.getLong() == offset ? version : -1;
  }

  /// What stands at a place of a disk, for a message.
  public static String describe(byte[] disk, long offset) {
    int at = (int) (offset / SIZE * SIZE);
    if (at + SIZE > disk.length) {
      return "byte " + (disk[(int) offset] & 0xff);
    }
    var stamp = ByteBuffer.wrap(disk, at, SIZE);
    if (stamp.getInt() == MAGIC) {
      return "version " + stamp.getInt() + " of offset " + stamp.getLong();
    }
    long high = stamp.getLong(at);
    long low = stamp.getLong(at + 8);
    return (high | low) == 0 ? "zeros" : String.format("bytes %016x%016x", high, low);
  }

  /// Where two disks differ and what stands there, empty if they are equal.
  public static String difference(byte[] expected, byte[] found) {
    long at = MemorySegment.ofArray(expected).mismatch(MemorySegment.ofArray(found));
    if (at < 0) {
      return "";
    }
    if (at >= Math.min(expected.length, found.length)) {
      return "size " + found.length + " instead of " + expected.length;
    }
    return "at offset " + at + " " + describe(found, at) + " instead of " + describe(expected, at);
  }

  /// Whether a range is all zeros.
  static boolean zeros(MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }
}
