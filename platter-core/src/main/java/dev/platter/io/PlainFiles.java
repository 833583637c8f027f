package dev.platter.io;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Opens files with plain Java.
final class PlainFiles {
  private PlainFiles() {}

  /// Makes a new file and locks it.
  ///
  /// @param shown what the storage says its path is
  static ChannelStorage create(Path path, Path shown) throws IOException {
    Set<OpenOption> options =
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    try {
      AsynchronousFileChannel channel = AsynchronousFileChannel.open(path, options, null);
      return storage(path, shown, channel, Access.WRITE, Sharing.LOCKED);
    } catch (FileAlreadyExistsException | LockedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(shown + ": cannot be created: " + e.getMessage(), e);
    }
  }

  /// Opens a regular file beneath a folder; no part of the way may be a link. What changes while
  /// this looks at it goes unnoticed, which plain Java cannot help.
  static ChannelStorage beneath(Path root, Path relative, Access access, Sharing sharing)
      throws IOException {
    Path path = root;
    for (Path part : relative) {
      path = path.resolve(part);
      if (Files.isSymbolicLink(path)) {
        throw new RefusedException(
            root.resolve(relative).toString(), "is reached through a symbolic link");
      }
    }
    if (Files.exists(path) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new RefusedException(path.toString(), "is not a regular file");
    }
    return open(path, path, access, sharing, Set.of(LinkOption.NOFOLLOW_LINKS));
  }

  /// Opens a file or a disk device.
  ///
  /// @param shown what the storage says its path is
  /// @param more options besides those for reading and writing
  static ChannelStorage open(
      Path path, Path shown, Access access, Sharing sharing, Set<OpenOption> more)
      throws IOException {
    String name = shown.toString();
    Set<OpenOption> options = new HashSet<>(more);
    options.add(StandardOpenOption.READ);
    if (access.writes()) {
      options.add(StandardOpenOption.WRITE);
    }
    try {
      // looked at before it is opened, because opening a pipe waits for its other end
      check(path, name);
      AsynchronousFileChannel channel = AsynchronousFileChannel.open(path, options, null);
      return storage(path, shown, channel, access, sharing);
    } catch (NoSuchFileException _) {
      throw new NoSuchFileException(name, null, Errno.words(Errno.ENOENT));
    } catch (AccessDeniedException _) {
      throw new AccessDeniedException(name, null, Errno.words(Errno.EACCES));
    }
  }

  private static void check(Path path, String name) throws IOException {
    try {
      Stat stat = stat(path);
      if (!stat.regular() && !stat.blockDevice()) {
        throw new RefusedException(name, stat.kind() + ", and not a file or a disk device");
      }
    } catch (UnsupportedOperationException | IllegalArgumentException _) {
      if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
        throw new RefusedException(name, "is not a regular file");
      }
    }
  }

  private static ChannelStorage storage(
      Path path, Path shown, AsynchronousFileChannel channel, Access access, Sharing sharing)
      throws IOException {
    String name = shown.toString();
    SharedFile.Use use = SharedFile.use(key(path), channel, path, name, access, sharing);
    return new ChannelStorage(shown, name, use, access);
  }

  private static Object key(Path path) throws IOException {
    try {
      return stat(path).key();
    } catch (UnsupportedOperationException | IllegalArgumentException _) {
      return path.toRealPath();
    }
  }

  /// @throws UnsupportedOperationException or [IllegalArgumentException] if files have no such
  ///   attributes here
  private static Stat stat(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:mode,dev,ino,rdev");
    var stat =
        new Stat(
            (Integer) found.get("mode"),
            0,
            new FileKey((Long) found.get("dev"), (Long) found.get("ino")));
    return stat.blockDevice()
        ? new Stat(stat.mode(), 0, new FileKey((Long) found.get("rdev"), 0))
        : stat;
  }
}
