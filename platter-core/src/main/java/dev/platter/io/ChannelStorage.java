package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A file through plain Java: no holes known, none made.
final class ChannelStorage implements Storage {
  private static final int ZEROS = 1 << 16;
  private final Path path;
  private final String name;
  private final FileChannel channel;
  private final Access access;

  ChannelStorage(Path path, FileChannel channel, Access access) {
    this.path = path;
    this.name = path.toString();
    this.channel = channel;
    this.access = access;
  }

  static ChannelStorage open(Path path, Access access) throws IOException {
    Set<StandardOpenOption> options =
        access.writes()
            ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
            : Set.of(StandardOpenOption.READ);
    return new ChannelStorage(path, FileChannel.open(path, options), access);
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
    return channel.size();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    long done = 0;
    while (done < target.byteSize()) {
      ByteBuffer part = part(target, done);
      int count = channel.read(part, position + done);
      if (count < 0) {
        throw new EOFException(
            name
                + ": ends at "
                + size()
                + ", needed are bytes up to "
                + (position + target.byteSize()));
      }
      done += count;
    }
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    long done = 0;
    while (done < source.byteSize()) {
      done += channel.write(part(source, done), position + done);
    }
  }

  private static ByteBuffer part(MemorySegment segment, long done) {
    return segment.asSlice(done, Math.min(segment.byteSize() - done, 1 << 30)).asByteBuffer();
  }

  @Override
  public void resize(long size) throws IOException {
    long old = size();
    if (size < old) {
      channel.truncate(size);
    } else if (size > old) {
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
  }

  @Override
  public void flush() throws IOException {
    channel.force(true);
  }

  @Override
  public void zero(long position, long length) throws IOException {
    MemorySegment zeros = MemorySegment.ofArray(new byte[(int) Math.min(length, ZEROS)]);
    for (long done = 0; done < length; done += ZEROS) {
      write(position + done, zeros.asSlice(0, Math.min(length - done, ZEROS)));
    }
  }

  @Override
  public void punch(long position, long length) throws IOException {
    zero(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    long end = Math.addExact(position, length);
    if (end > size()) {
      resize(end);
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
    try {
      Object key =
          Files.readAttributes(path, java.nio.file.attribute.BasicFileAttributes.class).fileKey();
      return key == null ? path.toRealPath() : key;
    } catch (IOException _) {
      return path.toAbsolutePath().normalize();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
