package dev.platter.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// What the system knows of an open file.
///
/// @param mode kind and permissions
/// @param blocks units of 512 bytes that it takes
/// @param key which file it is
record Stat(int mode, long blocks, FileKey key) {
  private static final int KIND = 0170000;
  private static final int REGULAR = 0100000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int EMPTY_PATH = 0x1000;
  private static final int BASIC = 0x7ff;

  /// Asks for the state of an open file.
  ///
  /// @param name what a message calls it
  static Stat of(String name, int descriptor) throws IOException {
    try (var scratch = Kernel.Scratch.take()) {
      MemorySegment state = scratch.room().asSlice(0, 256);
      MemorySegment path = scratch.room().asSlice(256, 1).fill((byte) 0);
      long result =
          Kernel.call(
              scratch, Kernel.Call.STATX, descriptor, path, EMPTY_PATH, BASIC, state.address());
      if (result < 0) {
        throw Errno.failure(name, "cannot be examined", result);
      }
      return parse(scratch.numbers());
    }
  }

  private static Stat parse(ByteBuffer statx) {
    int mode = Short.toUnsignedInt(statx.getShort(28));
    boolean device = (mode & KIND) == BLOCK_DEVICE;
    var key =
        device
            ? new FileKey(number(statx, 128), 0)
            : new FileKey(number(statx, 136), statx.getLong(32));
    return new Stat(mode, statx.getLong(48), key);
  }

  /// A device number as the C library and Java put it together from its two parts.
  private static long number(ByteBuffer statx, int position) {
    long major = Integer.toUnsignedLong(statx.getInt(position));
    long minor = Integer.toUnsignedLong(statx.getInt(position + 4));
    return ((major & 0xfffff000L) << 32)
        | ((major & 0xfffL) << 8)
        | ((minor & 0xffffff00L) << 12)
        | (minor & 0xffL);
  }

  boolean regular() {
    return (mode & KIND) == REGULAR;
  }

  boolean blockDevice() {
    return (mode & KIND) == BLOCK_DEVICE;
  }

  /// The permissions, as `chmod` takes them.
  int permissions() {
    return mode & 07777;
  }

  /// What kind of thing it is, for a message.
  String kind() {
    return switch (mode & KIND) {
      case 0040000 -> "is a folder";
      case 0010000 -> "is a named pipe";
      case 0140000 -> "is a socket";
      case 0020000 -> "is a character device";
      case 0120000 -> "is a symbolic link";
      case BLOCK_DEVICE -> "is a disk device";
      default -> "is a file";
    };
  }
}
