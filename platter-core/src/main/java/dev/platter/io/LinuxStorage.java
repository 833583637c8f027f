package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// A file or disk device through system calls: with its holes, and not closed by interrupts.
final class LinuxStorage implements Storage, NewFile.Unfinished {
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int KEEP_SIZE = 0x01;
  private static final int PUNCH = 0x02;
  private static final int ZERO = 0x10;

  /// The unit in which every disk device can clear itself.
  private static final long DEVICE_UNIT = 4096;

  /// The longest copy in one call, so that closing need not wait long.
  private static final long COPY = 64L << 20;

  private static final long TRANSFER = 1 << 30;
  private static final int SYNC_FILE_RANGE_WRITE = 2;

  /// Shorter writes are left to the system.
  private static final long EAGER = 64 << 10;

  private final Path path;
  private final String name;
  private final Descriptor file;
  private final Stat opened;
  private final Access access;
  private volatile boolean unsafe;
  private volatile Optional<Durability> promise = Optional.empty();

  LinuxStorage(Path path, String name, Descriptor file, Stat opened, Access access) {
    this.path = path;
    this.name = name;
    this.file = file;
    this.opened = opened;
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

  /// Whether it is a disk device and not a file.
  boolean device() {
    return opened.blockDevice();
  }

  @Override
  public long size() throws IOException {
    long result = call(Kernel.Call.LSEEK, 0, SEEK_END, 0);
    return checked(result, "cannot tell its size");
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("read-only memory cannot be read into");
    }
    long length = target.byteSize();
    if (position < 0 || position > Long.MAX_VALUE - length) {
      throw ends(position, length);
    }
    if (target.isNative()) {
      readNative(position, target, position, length);
      return;
    }
    try (var bounce = Bounce.take()) {
      for (long done = 0; done < length; ) {
        MemorySegment part = bounce.part(length - done);
        readNative(position + done, part, position, length);
        MemorySegment.copy(part, 0, target, done, part.byteSize());
        done += part.byteSize();
      }
    }
  }

  /// @param from where the whole request began, for a message
  /// @param length its length
  private void readNative(long position, MemorySegment target, long from, long length)
      throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      long step = Math.min(target.byteSize() - done, TRANSFER);
      long result = transfer(Kernel.Call.PREAD64, position + done, target.asSlice(done, step));
      if (result == 0) {
        throw ends(from, length);
      }
      done += checked(result, "cannot read " + step + " bytes at " + (position + done));
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
    if (source.isNative()) {
      writeNative(position, source);
      return;
    }
    try (var bounce = Bounce.take()) {
      for (long done = 0; done < length; ) {
        MemorySegment part = bounce.part(length - done);
        MemorySegment.copy(source, done, part, 0, part.byteSize());
        writeNative(position + done, part);
        done += part.byteSize();
      }
    }
  }

  private void writeNative(long position, MemorySegment source) throws IOException {
    for (long done = 0; done < source.byteSize(); ) {
      long step = Math.min(source.byteSize() - done, TRANSFER);
      long result = transfer(Kernel.Call.PWRITE64, position + done, source.asSlice(done, step));
      if (result <= 0) {
        throw Errno.failure(
            name,
            "cannot write " + step + " bytes at " + (position + done),
            result == 0 ? -Errno.EIO : result);
      }
      done += result;
    }
    writeOut(position, source.byteSize());
  }

  private long transfer(Kernel.Call call, long position, MemorySegment memory) throws IOException {
    int descriptor = file.acquire();
    try {
      return Kernel.call(call, descriptor, memory, memory.byteSize(), position, 0);
    } finally {
      file.release();
    }
  }

  @Override
  public void resize(long size) throws IOException {
    Objects.checkIndex(size, Long.MAX_VALUE);
    checkWritable();
    if (device()) {
      if (size != size()) {
        throw new IOException(name + ": a disk device keeps its size of " + size() + " bytes");
      }
      return;
    }
    checked(call(Kernel.Call.FTRUNCATE, size, 0, 0), "cannot be made " + size + " bytes long");
  }

  @Override
  public void flush() throws IOException {
    flush(Kernel.Call.FDATASYNC);
  }

  private void flush(Kernel.Call how) throws IOException {
    if (unsafe) {
      // the system reports a loss once and then forgets it
      throw new IOException(name + ": an earlier flush failed, what was written may be lost");
    }
    long result = call(how, 0, 0, 0);
    if (result < 0) {
      unsafe = true;
      throw Errno.failure(name, "cannot be flushed", result);
    }
  }

  @Override
  public void zero(long position, long length) throws IOException {
    clear(position, length, ZERO | KEEP_SIZE);
  }

  @Override
  public void punch(long position, long length) throws IOException {
    clear(position, length, PUNCH | KEEP_SIZE);
  }

  private void clear(long position, long length, int mode) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    checkWritable();
    long end = Math.min(position + length, size());
    if (position >= end) {
      return;
    }
    long unit = device() ? DEVICE_UNIT : 1;
    long start = Math.min(position + Math.floorMod(-position, unit), end);
    long stop = Math.max(end - end % unit, start);
    writeZeros(position, start);
    if (start < stop) {
      long result = call(Kernel.Call.FALLOCATE, mode, start, stop - start);
      if (result < 0 && Errno.unable((int) -result)) {
        writeZeros(start, stop);
      } else {
        checked(result, "cannot clear " + (stop - start) + " bytes at " + start);
      }
    }
    writeZeros(stop, end);
  }

  private void writeZeros(long start, long end) throws IOException {
    if (start >= end) {
      return;
    }
    try (var bounce = Bounce.take()) {
      MemorySegment zeros = bounce.part(end - start).fill((byte) 0);
      for (long at = start; at < end; at += zeros.byteSize()) {
        writeNative(at, zeros.asSlice(0, Math.min(zeros.byteSize(), end - at)));
      }
    }
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    checkWritable();
    if (length == 0 || device()) {
      return;
    }
    long result = call(Kernel.Call.FALLOCATE, 0, position, length);
    if (result < 0 && Errno.unable((int) -result)) {
      if (position + length > size()) {
        resize(position + length);
      }
    } else {
      checked(result, "cannot allocate " + length + " bytes at " + position);
    }
  }

  @Override
  public Run run(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size());
    long data = call(Kernel.Call.LSEEK, position, SEEK_DATA, 0);
    if (data == -Errno.ENXIO) {
      return new Run(Run.Kind.HOLE, length);
    }
    if (data > position) {
      return new Run(Run.Kind.HOLE, Math.min(data - position, length));
    }
    long hole = data < 0 ? data : call(Kernel.Call.LSEEK, position, SEEK_HOLE, 0);
    // a system that knows no holes, or a file that was cut just now
    return new Run(Run.Kind.DATA, hole <= position ? length : Math.min(hole - position, length));
  }

  @Override
  public long copyTo(long position, Storage target, long at, long length) throws IOException {
    return switch (target) {
      case LinuxStorage other -> copy(position, other, at, length);
      case Slice slice -> {
        Objects.checkFromIndexSize(at, length, slice.size());
        yield copyTo(position, slice.whole(), slice.start() + at, length);
      }
      default -> 0;
    };
  }

  private long copy(long position, LinuxStorage target, long at, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    Objects.checkFromIndexSize(at, length, Long.MAX_VALUE);
    target.checkWritable();
    long done = 0;
    while (done < length) {
      long step = Math.min(length - done, COPY);
      long result = copyOnce(position + done, target, at + done, step);
      if (result == 0 || result == -Errno.EXDEV || Errno.unable((int) -result)) {
        break;
      }
      if (result < 0) {
        throw Errno.failure(
            target.name, "cannot copy " + step + " bytes from " + name + " to " + at, result);
      }
      done += result;
    }
    return done;
  }

  private long copyOnce(long position, LinuxStorage target, long at, long length)
      throws IOException {
    int from = file.acquire();
    try {
      int to = target.file.acquire();
      try (var scratch = Kernel.Scratch.take()) {
        MemorySegment positions = scratch.room().asSlice(0, 16);
        scratch.numbers().putLong(0, position).putLong(8, at);
        return Kernel.call(
            scratch,
            Kernel.Call.COPY_FILE_RANGE,
            from,
            positions,
            to,
            positions.address() + 8,
            length);
      } finally {
        target.file.release();
      }
    } finally {
      file.release();
    }
  }

  @Override
  public long allocated() throws IOException {
    if (device()) {
      return size();
    }
    int descriptor = file.acquire();
    try {
      return Stat.of(name, descriptor).blocks() * 512;
    } finally {
      file.release();
    }
  }

  @Override
  public Optional<Path> path() {
    return Optional.of(path);
  }

  @Override
  public Object identity() {
    return opened.key();
  }

  @Override
  public int permissions() {
    return opened.permissions();
  }

  @Override
  public void promise(Durability durability) {
    promise = Optional.of(durability);
  }

  @Override
  public void finish(int permissions) throws IOException {
    checked(call(Kernel.Call.FCHMOD, permissions, 0, 0), "cannot be given its permissions");
    if (!promise.equals(Optional.of(Durability.UNSAFE))) {
      flush(Kernel.Call.FSYNC);
    }
  }

  /// Asks the system to begin writing out, so that the flush at the end finds little to do.
  private void writeOut(long position, long length) throws IOException {
    if (length >= EAGER && promise.equals(Optional.of(Durability.DURABLE))) {
      // a hint: what fails here is reported by the flush
      call(Kernel.Call.SYNC_FILE_RANGE, position, length, SYNC_FILE_RANGE_WRITE);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void checkWritable() throws IOException {
    if (!access.writes()) {
      throw new IOException(name + ": is open for reading only");
    }
  }

  /// A call on this file whose arguments are numbers; returns a negative error if it fails.
  private long call(Kernel.Call call, long b, long c, long d) throws IOException {
    int descriptor = file.acquire();
    try {
      return Kernel.call(call, descriptor, b, c, d);
    } finally {
      file.release();
    }
  }

  private long checked(long result, String what) throws IOException {
    if (result < 0) {
      throw Errno.failure(name, what, result);
    }
    return result;
  }
}
