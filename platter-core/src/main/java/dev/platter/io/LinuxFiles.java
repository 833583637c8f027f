package dev.platter.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/// Opens files with system calls.
final class LinuxFiles {
  private static final int HERE = -100;
  private static final int WRITE = 0x2;
  private static final int CREATE = 0100;
  private static final int EXCLUSIVE = 0200;
  private static final int NO_TERMINAL = 0400;
  private static final int NO_WAITING = 04000;
  private static final int CLOSE_ON_EXEC = 02000000;
  private static final int PATH_ONLY = 010000000;
  private static final int SET_FLAGS = 4;
  private static final int BENEATH_NO_LINKS = 0x08 | 0x04 | 0x02;
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  private static final int FOLDER = ARM ? 040000 : 0200000;
  private static final int NO_LINK = ARM ? 0100000 : 0400000;

  private LinuxFiles() {}

  /// Opens a file or a disk device that the user named.
  ///
  /// @param shown what the storage says its path is
  static LinuxStorage open(Path path, Path shown, Access access, Sharing sharing)
      throws IOException {
    String name = shown.toString();
    try (Arena arena = Arena.ofConfined()) {
      long result = open(HERE, text(arena, path.toAbsolutePath()), flags(access), 0);
      if (result < 0) {
        throw Errno.opening(name, result);
      }
      return storage(shown, name, (int) result, access, sharing);
    }
  }

  /// Makes a new file that only its owner may use, and locks it.
  ///
  /// @param shown what the storage says its path is
  static LinuxStorage create(Path path, Path shown) throws IOException {
    String name = shown.toString();
    try (Arena arena = Arena.ofConfined()) {
      int flags = flags(Access.WRITE) | CREATE | EXCLUSIVE | NO_LINK;
      long result = open(HERE, text(arena, path.toAbsolutePath()), flags, 0600);
      if (result == -Errno.EEXIST) {
        throw new FileAlreadyExistsException(path.toString());
      }
      if (result < 0) {
        throw Errno.failure(name, "cannot be created", result);
      }
      return storage(shown, name, (int) result, Access.WRITE, Sharing.LOCKED);
    }
  }

  /// Opens a regular file beneath a folder; no part of the way may be a link.
  ///
  /// @param relative normalized, without `..`
  static LinuxStorage beneath(Path root, Path relative, Access access, Sharing sharing)
      throws IOException {
    Path path = root.resolve(relative);
    String name = path.toString();
    try (Arena arena = Arena.ofConfined()) {
      int folder = folder(arena, root);
      long result;
      try {
        result = openBeneath(arena, folder, relative, flags(access));
        if (result == -Errno.ENOSYS || result == -Errno.EPERM) {
          result = walk(arena, folder, relative, flags(access));
        }
      } finally {
        close(folder);
      }
      if (result == -Errno.ELOOP || result == -Errno.EXDEV) {
        throw new RefusedException(name, "is reached through a symbolic link");
      }
      if (result < 0) {
        throw Errno.opening(name, result);
      }
      return regular(storage(path, name, (int) result, access, sharing));
    }
  }

  private static LinuxStorage regular(LinuxStorage storage) throws IOException {
    if (storage.device()) {
      storage.close();
      throw new RefusedException(storage.name(), "is a disk device");
    }
    return storage;
  }

  private static int folder(Arena arena, Path root) throws IOException {
    MemorySegment text = text(arena, root.toAbsolutePath());
    long result = open(HERE, text, PATH_ONLY | FOLDER | CLOSE_ON_EXEC, 0);
    if (result < 0) {
      throw Errno.opening(root.toString(), result);
    }
    return (int) result;
  }

  private static long openBeneath(Arena arena, int folder, Path relative, int flags) {
    MemorySegment how = arena.allocate(24, 8);
    how.asByteBuffer()
        .order(ByteOrder.nativeOrder())
        .putLong(0, flags)
        .putLong(16, BENEATH_NO_LINKS);
    return Kernel.call(
        Kernel.Call.OPENAT2, folder, text(arena, relative), how.address(), how.byteSize(), 0);
  }

  /// The same for systems before Linux 5.6: one folder after the other.
  private static long walk(Arena arena, int start, Path relative, int flags) {
    int steps = relative.getNameCount() - 1;
    int at = start;
    for (int i = 0; i < steps; i++) {
      MemorySegment part = text(arena, relative.getName(i));
      long next = open(at, part, PATH_ONLY | FOLDER | NO_LINK | CLOSE_ON_EXEC, 0);
      if (at != start) {
        close(at);
      }
      if (next < 0) {
        // a link that must be a folder but must not be followed is said to be no folder
        return next == -Errno.ENOTDIR ? -Errno.ELOOP : next;
      }
      at = (int) next;
    }
    long result = open(at, text(arena, relative.getName(steps)), flags | NO_LINK, 0);
    if (at != start) {
      close(at);
    }
    return result;
  }

  /// Makes a storage of an open file, or closes it again.
  private static LinuxStorage storage(
      Path path, String name, int descriptor, Access access, Sharing sharing) throws IOException {
    boolean done = false;
    try {
      Stat stat = Stat.of(name, descriptor);
      if (!stat.regular() && !stat.blockDevice()) {
        throw new RefusedException(name, stat.kind() + ", and not a file or a disk device");
      }
      Kernel.call(Kernel.Call.FCNTL, descriptor, SET_FLAGS, 0, 0);
      if (sharing == Sharing.LOCKED) {
        FileLocks.take(descriptor, name, access);
      }
      done = true;
      return new LinuxStorage(path, name, new Descriptor(name, descriptor), stat, access);
    } finally {
      if (!done) {
        close(descriptor);
      }
    }
  }

  /// Flags with which opening neither waits for somebody at the other end of a pipe nor makes a
  /// terminal ours.
  private static int flags(Access access) {
    return (access.writes() ? WRITE : 0) | NO_WAITING | NO_TERMINAL | CLOSE_ON_EXEC;
  }

  private static long open(int folder, MemorySegment path, int flags, int mode) {
    return Kernel.call(Kernel.Call.OPENAT, folder, path, flags, mode, 0);
  }

  private static void close(int descriptor) {
    Kernel.call(Kernel.Call.CLOSE, descriptor, 0, 0, 0);
  }

  /// The bytes of a name as the system has them, which a string cannot always say.
  private static MemorySegment text(Arena arena, Path path) {
    String text = path.toString();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7e) {
        return terminated(
            arena, path.isAbsolute() ? raw(path) : raw(Path.of("/").resolve(path)).substring(1));
      }
    }
    return terminated(arena, text);
  }

  /// A text of a byte each character, and a zero behind it.
  private static MemorySegment terminated(Arena arena, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    // fresh memory is zero
    MemorySegment memory = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
    return memory;
  }

  /// A string with a character for every byte, by way of the URI, in which each is written out.
  private static String raw(Path absolute) {
    String path = absolute.toUri().getRawPath();
    var bytes = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '%') {
        bytes.append((char) Integer.parseInt(path, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.append(path.charAt(i));
      }
    }
    return bytes.toString();
  }
}
