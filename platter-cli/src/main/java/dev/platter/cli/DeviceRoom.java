package dev.platter.cli;

import dev.platter.image.ImageFormat;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.NoSpaceException;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// A disk device as an empty storage that grows like a file: what is on the device does not show,
/// and is made zeros where the image leaves something out.
final class DeviceRoom implements Storage {
  private final Storage device;
  private final long room;
  private long size;

  private DeviceRoom(Storage device, long room) {
    this.device = device;
    this.room = room;
  }

  /// Opens a device to be overwritten.
  static DeviceRoom open(Path path) throws IOException {
    Storage device = FileStorage.open(path, Access.WRITE, Sharing.LOCKED);
    return new DeviceRoom(device, device.size());
  }

  /// This, for an image of one file.
  Storage only(String file) throws UnsupportedException {
    if (!file.isEmpty()) {
      throw new UnsupportedException(
          name() + ": a device holds only images of one file, this one needs more");
    }
    return this;
  }

  /// Refuses an image that cannot be found on the device, before anything is written: one that has
  /// nothing of its format at its start is told by what is at its end.
  ///
  /// @param empty the plan of such an image without data
  void check(Plan empty) throws IOException {
    boolean byStart = false;
    boolean plain = true;
    for (Piece piece : empty.files().getFirst().pieces()) {
      byStart |= piece instanceof Piece.Metadata && piece.position() == 0;
      plain &= !(piece instanceof Piece.Metadata);
    }
    if (!byStart && !plain && empty.size() != room) {
      throw misplaced(empty.size());
    }
  }

  private IOException misplaced(long end) {
    return new IOException(
        name() + ": such an image must end where the device ends, at " + room + " and not " + end);
  }

  /// Makes the image durable, and sees that it is found on the device: one that is told by what is
  /// at its end is not if the device goes on behind it.
  void finish(ImageFormat format) throws IOException {
    device.flush();
    if (!(format.probe(device) instanceof ImageFormat.Probe.Mine)) {
      throw misplaced(size);
    }
  }

  /// Makes the device larger in name; what is between the old end and the new content is zeros.
  private synchronized void grow(long start, long end) throws IOException {
    if (end <= size) {
      return;
    }
    if (end > room) {
      throw new NoSpaceException(
          name(), "has room for " + room + " bytes, the image needs at least " + end);
    }
    if (start > size) {
      device.zero(size, start - size);
    }
    size = end;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public boolean writable() {
    return device.writable();
  }

  @Override
  public synchronized long size() {
    return size;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    device.read(position, target);
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    grow(position, Math.addExact(position, source.byteSize()));
    device.write(position, source);
  }

  @Override
  public void resize(long wanted) throws IOException {
    grow(wanted, wanted);
  }

  @Override
  public void flush() throws IOException {
    device.flush();
  }

  @Override
  public void zero(long position, long length) throws IOException {
    device.zero(position, length);
  }

  @Override
  public void punch(long position, long length) throws IOException {
    device.zero(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    long end = Math.addExact(position, length);
    grow(end, end);
  }

  @Override
  public Run run(long position, long length) {
    return new Run(Run.Kind.DATA, length);
  }

  @Override
  public long allocated() {
    return size();
  }

  @Override
  public Optional<Path> path() {
    return device.path();
  }

  @Override
  public Object identity() {
    return device.identity();
  }

  @Override
  public void close() throws IOException {
    device.close();
  }
}
