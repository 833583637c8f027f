package dev.platter.io;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A file that is open through plain Java, once or more often.
///
/// Java's locks belong to the process, which loses all it has on a file as soon as it closes any
/// channel of that file. So users inside the process are counted here, the process has locks for
/// all of them, and channels stay open until the last user has gone. The locks are on the bytes
/// that [FileLocks] uses: a writer's are exclusive, so that a reader of whatever program fails to
/// get its own; a reader looks whether somebody writes if it has the right to write the file, for
/// only then Java can tell.
final class SharedFile {
  private static final Map<Object, SharedFile> OPEN = new HashMap<>();
  private final Object key;
  private final List<AsynchronousFileChannel> channels = new ArrayList<>();
  private final List<FileLock> locks = new ArrayList<>();
  private int users;
  private int readers;
  private int writers;

  private SharedFile(Object key) {
    this.key = key;
  }

  /// Registers a user of a file, and locks the file if it asks for that.
  ///
  /// @param key the file's identity
  /// @param channel open; belongs to this class from now on
  static Use use(
      Object key,
      AsynchronousFileChannel channel,
      Path path,
      String name,
      Access access,
      Sharing sharing)
      throws IOException {
    synchronized (OPEN) {
      SharedFile file = OPEN.computeIfAbsent(key, SharedFile::new);
      file.channels.add(channel);
      file.users++;
      boolean done = false;
      try {
        if (sharing == Sharing.LOCKED) {
          file.lock(channel, path, name, access);
        }
        done = true;
        return new Use(file, channel, access, sharing);
      } finally {
        if (!done) {
          file.leave();
        }
      }
    }
  }

  private void lock(AsynchronousFileChannel channel, Path path, String name, Access access)
      throws IOException {
    if (writers > 0) {
      throw FileLocks.refused(name, 101);
    }
    if (access.writes() && readers > 0) {
      throw FileLocks.refused(name, 201);
    }
    if (access.writes()) {
      lockAsWriter(channel, name);
      writers++;
    } else {
      if (readers == 0) {
        lockAsReader(channel, path, name);
      }
      readers++;
    }
  }

  private void lockAsWriter(AsynchronousFileChannel channel, String name) throws IOException {
    for (int place : FileLocks.WRITER) {
      lock(channel, name, place, place == 100);
    }
  }

  private void lockAsReader(AsynchronousFileChannel channel, Path path, String name)
      throws IOException {
    for (int place : FileLocks.READER) {
      lock(channel, name, place, true);
    }
    try {
      var asWriter =
          AsynchronousFileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channels.add(asWriter);
      for (int place : new int[] {101, 103}) {
        lock(asWriter, name, place, false);
        locks.removeLast().release();
      }
    } catch (java.nio.file.FileSystemException _) {
      // not ours to write: that nobody writes it cannot be told
    }
  }

  private void lock(AsynchronousFileChannel channel, String name, int place, boolean shared)
      throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock(place, 1, shared);
    } catch (OverlappingFileLockException _) {
      lock = null;
    } catch (IOException e) {
      unlock();
      throw new IOException(
          name
              + ": cannot be locked against other programs (use it unlocked if there are none): "
              + e.getMessage(),
          e);
    }
    if (lock == null) {
      unlock();
      throw FileLocks.refused(name, place);
    }
    locks.add(lock);
  }

  private void unlock() throws IOException {
    for (FileLock lock : locks) {
      lock.release();
    }
    locks.clear();
  }

  private void leave() throws IOException {
    users--;
    if (users > 0) {
      return;
    }
    OPEN.remove(key);
    for (AsynchronousFileChannel channel : channels) {
      channel.close();
    }
  }

  /// One user's part in the file.
  static final class Use implements AutoCloseable {
    private final SharedFile file;
    private final AsynchronousFileChannel channel;
    private final Access access;
    private final Sharing sharing;
    private boolean open = true;

    private Use(SharedFile file, AsynchronousFileChannel channel, Access access, Sharing sharing) {
      this.file = file;
      this.channel = channel;
      this.access = access;
      this.sharing = sharing;
    }

    AsynchronousFileChannel channel() {
      return channel;
    }

    Object key() {
      return file.key;
    }

    @Override
    public void close() throws IOException {
      synchronized (OPEN) {
        if (!open) {
          return;
        }
        open = false;
        if (sharing == Sharing.LOCKED) {
          file.writers -= access.writes() ? 1 : 0;
          file.readers -= access.writes() ? 0 : 1;
          if (file.writers + file.readers == 0) {
            file.unlock();
          }
        }
        file.leave();
      }
    }
  }
}
