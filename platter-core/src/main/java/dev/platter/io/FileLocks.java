package dev.platter.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Locks on an open file in QEMU's scheme, so that its programs and ours keep each other out.
///
/// A permission that a user of the file holds is a shared lock on byte 100 + i, one that it does
/// not grant to others a shared lock on byte 200 + i, where i is 0 to read consistently, 1 to write
/// and 3 to resize. Having locked, it looks whether others hold what it does not grant, or do not
/// grant what it holds. The locks belong to the open file, not to the process: two users inside one
/// process exclude each other too, and closing the file gives them back.
final class FileLocks {
  /// What a reader locks: it reads, and lets nobody write or resize.
  static final int[] READER = {100, 201, 203};

  /// What a writer locks.
  static final int[] WRITER = {100, 101, 103, 201, 203};

  private static final int[] READER_TESTS = {101, 103, 200};
  private static final int[] WRITER_TESTS = {101, 103, 201, 203, 200};
  private static final int GET = 36;
  private static final int SET = 37;
  private static final short SHARED = 0;
  private static final short EXCLUSIVE = 1;
  private static final short NONE = 2;

  private FileLocks() {}

  /// Takes the locks; if they are refused, the caller closes the file.
  static void take(int descriptor, String name, Access access) throws IOException {
    for (int place : access.writes() ? WRITER : READER) {
      lock(descriptor, name, place);
    }
    for (int place : access.writes() ? WRITER_TESTS : READER_TESTS) {
      if (taken(descriptor, name, place)) {
        throw refused(name, place);
      }
    }
  }

  private static void lock(int descriptor, String name, int place) throws IOException {
    try (var scratch = Kernel.Scratch.take()) {
      MemorySegment lock = describe(scratch, SHARED, place);
      long result = control(scratch, descriptor, SET, lock);
      if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
        throw refused(name, place);
      }
      if (result < 0) {
        throw unlockable(name, result);
      }
    }
  }

  /// Whether somebody else has a lock on the byte, of whatever kind.
  private static boolean taken(int descriptor, String name, int place) throws IOException {
    try (var scratch = Kernel.Scratch.take()) {
      MemorySegment lock = describe(scratch, EXCLUSIVE, place);
      long result = control(scratch, descriptor, GET, lock);
      if (result < 0) {
        throw unlockable(name, result);
      }
      return scratch.numbers().getShort(0) != NONE;
    }
  }

  private static MemorySegment describe(Kernel.Scratch scratch, short kind, long place) {
    MemorySegment lock = scratch.room().asSlice(0, 32).fill((byte) 0);
    ByteBuffer numbers = scratch.numbers();
    numbers.putShort(0, kind);
    numbers.putLong(8, place);
    numbers.putLong(16, 1);
    return lock;
  }

  private static long control(
      Kernel.Scratch scratch, int descriptor, int command, MemorySegment lock) {
    return Kernel.call(
        scratch,
        Kernel.Call.FCNTL,
        descriptor,
        MemorySegment.ofAddress(command),
        lock.address(),
        0,
        0);
  }

  private static IOException unlockable(String name, long result) {
    return Errno.failure(
        name,
        "cannot be locked against other programs (use it unlocked if there are none)",
        result);
  }

  /// What a lock that somebody else has on a byte means.
  static LockedException refused(String name, int place) {
    return new LockedException(
        name,
        switch (place) {
          case 101, 103 -> "is in use: it is open for writing elsewhere";
          case 201, 203 -> "is in use: it is being read elsewhere, and must not change meanwhile";
          default -> "is in use, in a way that does not allow it to be read";
        });
  }
}
