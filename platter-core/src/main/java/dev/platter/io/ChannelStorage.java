package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// A file through plain Java: no holes known, none made.
///
/// Its channel is an asynchronous one because any other is closed when a thread that uses it is
/// interrupted.
final class ChannelStorage implements Storage, NewFile.Unfinished {
  private final Path path;
  private final String name;
  private final SharedFile.Use use;
  private final AsynchronousFileChannel channel;
  private final Access access;
  private volatile boolean closed;
  private volatile Durability promise = Durability.DURABLE;

  ChannelStorage(Path path, String name, SharedFile.Use use, Access access) {
    this.path = path;
    this.name = name;
    this.use = use;
    this.channel = use.channel();
    this.access = access;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean writable() {
    return access.writes();
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return channel.size();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("read-only memory cannot be read into");
    }
    checkOpen();
    long length = target.byteSize();
    if (position < 0 || position > Long.MAX_VALUE - length) {
      throw ends(position, length);
    }
    try (var bounce = Bounce.take()) {
      for (long done = 0; done < length; ) {
        MemorySegment part = bounce.part(length - done);
        int count =
            await(
                channel.read(part.asByteBuffer(), position + done),
                "cannot read " + part.byteSize() + " bytes at " + (position + done));
        if (count < 0) {
          throw ends(position, length);
        }
        MemorySegment.copy(part, 0, target, done, count);
        done += count;
      }
    }
  }

  private EOFException ends(long position, long length) throws IOException {
    return new EOFException(
        name
            + ": ends at "
            + size()
            + ", needed are "
            + length
            + " bytes at "
            + Long.toUnsignedString(position));
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    long length = source.byteSize();
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    checkWritable();
    try (var bounce = Bounce.take()) {
      for (long done = 0; done < length; ) {
        MemorySegment part = bounce.part(length - done);
        MemorySegment.copy(source, done, part, 0, part.byteSize());
        done += writeSome(position + done, part);
      }
    }
  }

  private int writeSome(long position, MemorySegment part) throws IOException {
    return await(
        channel.write(part.asByteBuffer(), position),
        "cannot write " + part.byteSize() + " bytes at " + position);
  }

  /// Waits whatever happens, since the buffer is in use until the transfer ends.
  private int await(Future<Integer> transfer, String what) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return transfer.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw failure(what, e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Plain Java tells what went wrong in words alone.
  private IOException failure(String what, Throwable cause) {
    String why = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    if (why.startsWith("No space left") || why.contains("quota") || why.contains("enough space")) {
      return new NoSpaceException(name, what + ": " + why);
    }
    return new IOException(name + ": " + what + ": " + why, cause);
  }

  @Override
  public void resize(long size) throws IOException {
    Objects.checkIndex(size, Long.MAX_VALUE);
    checkWritable();
    long old = channel.size();
    if (size < old) {
      channel.truncate(size);
    } else if (size > old) {
      write(size - 1, MemorySegment.ofArray(new byte[1]));
    }
  }

  @Override
  public void flush() throws IOException {
    checkOpen();
    channel.force(true);
  }

  @Override
  public void zero(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    checkWritable();
    long end = Math.min(position + length, channel.size());
    if (position >= end) {
      return;
    }
    try (var bounce = Bounce.take()) {
      MemorySegment zeros = bounce.part(end - position).fill((byte) 0);
      for (long at = position; at < end; ) {
        at += writeSome(at, zeros.asSlice(0, Math.min(zeros.byteSize(), end - at)));
      }
    }
  }

  @Override
  public void punch(long position, long length) throws IOException {
    zero(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    checkWritable();
    if (length > 0 && position + length > channel.size()) {
      resize(position + length);
    }
  }

  @Override
  public Run run(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size());
    return new Run(Run.Kind.DATA, length);
  }

  @Override
  public long allocated() throws IOException {
    return size();
  }

  @Override
  public Optional<Path> path() {
    return Optional.of(path);
  }

  @Override
  public Object identity() {
    return use.key();
  }

  @Override
  public int permissions() {
    return 0;
  }

  @Override
  public void promise(Durability durability) {
    promise = durability;
  }

  @Override
  public void finish(int permissions) throws IOException {
    // a file made by plain Java has the user's permissions from the start
    if (promise == Durability.DURABLE) {
      flush();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    use.close();
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException(name + ": is closed");
    }
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (!access.writes()) {
      throw new IOException(name + ": is open for reading only");
    }
  }
}
