package dev.platter.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A file that is opened when it is used, may be closed while nobody uses it, and is opened again.
/// What was written is durable before it is closed.
public final class LateFile implements Storage {
  private final LateFiles files;
  private final String location;
  private final Access access;

  /// Held shared while the file is used, alone to open and to close it.
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private Optional<Storage> storage = Optional.empty();
  private Optional<Object> identity = Optional.empty();
  private Optional<IOException> failure = Optional.empty();
  private Runnable resting = () -> {};
  private volatile boolean changed;
  private boolean closed;

  LateFile(LateFiles files, String location, Access access) {
    this.files = files;
    this.location = location;
    this.access = access;
  }

  /// Says what to do when the file is closed for a while: memory that is only useful while it is
  /// read can be given back.
  public void whenResting(Runnable action) {
    resting = action;
  }

  /// Something that is done with the open file.
  @FunctionalInterface
  private interface Use<T> {
    T apply(Storage open) throws IOException;
  }

  @FunctionalInterface
  private interface Change {
    void apply(Storage open) throws IOException;
  }

  private <T> T with(Use<T> action) throws IOException {
    while (true) {
      use.readLock().lock();
      try {
        if (storage.isPresent()) {
          files.used(this);
          return action.apply(storage.get());
        }
      } finally {
        use.readLock().unlock();
      }
      open();
    }
  }

  private void change(Change action) throws IOException {
    with(open -> {
      changed = true;
      action.apply(open);
      return true;
    });
  }

  private void open() throws IOException {
    use.writeLock().lock();
    try {
      if (closed) {
        throw new IOException(location + ": is closed");
      }
      if (storage.isPresent()) {
        return;
      }
      Storage opened = files.open(this, location, access);
      if (identity.isPresent() && !identity.get().equals(opened.identity())) {
        files.closed(this);
        opened.close();
        throw new IOException(opened.name() + ": has become another file while it was in use");
      }
      identity = Optional.of(opened.identity());
      storage = Optional.of(opened);
    } finally {
      use.writeLock().unlock();
    }
  }

  /// Closes the file for a while, unless it is in use.
  ///
  /// @return whether it is closed now
  boolean rest() {
    if (!use.writeLock().tryLock()) {
      return false;
    }
    try {
      if (storage.isPresent()) {
        shut(storage.get());
        storage = Optional.empty();
        resting.run();
      }
      return true;
    } finally {
      use.writeLock().unlock();
    }
  }

  /// A failure is told to who asks whether the file's bytes are durable.
  private void shut(Storage open) {
    try (open) {
      if (changed) {
        open.flush();
        changed = false;
      }
    } catch (IOException e) {
      failure = Optional.of(e);
    }
  }

  @Override
  public String name() {
    return location;
  }

  @Override
  public boolean writable() {
    return access.writes();
  }

  @Override
  public long size() throws IOException {
    return with(Storage::size);
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    with(open -> {
      open.read(position, target);
      return true;
    });
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    change(open -> open.write(position, source));
  }

  @Override
  public void resize(long size) throws IOException {
    change(open -> open.resize(size));
  }

  @Override
  public void flush() throws IOException {
    if (changed) {
      with(open -> {
        changed = false;
        open.flush();
        return true;
      });
    }
    if (failure.isPresent()) {
      throw new IOException(failure.get().getMessage(), failure.get());
    }
  }

  @Override
  public void zero(long position, long length) throws IOException {
    change(open -> open.zero(position, length));
  }

  @Override
  public void punch(long position, long length) throws IOException {
    change(open -> open.punch(position, length));
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    change(open -> open.allocate(position, length));
  }

  @Override
  public Run run(long position, long length) throws IOException {
    return with(open -> open.run(position, length));
  }

  @Override
  public long copyTo(long position, Storage target, long at, long length) throws IOException {
    return with(open -> open.copyTo(position, target, at, length));
  }

  @Override
  public long allocated() throws IOException {
    return with(Storage::allocated);
  }

  @Override
  public Optional<Path> path() {
    try {
      return with(Storage::path);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  @Override
  public Object identity() {
    try {
      return with(Storage::identity);
    } catch (IOException _) {
      return this;
    }
  }

  @Override
  public void close() throws IOException {
    use.writeLock().lock();
    try {
      closed = true;
      if (storage.isPresent()) {
        Storage open = storage.get();
        storage = Optional.empty();
        files.closed(this);
        open.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
