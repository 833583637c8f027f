package dev.platter;

import dev.platter.image.Compressing;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.image.Packing;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.image.Resizable;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.StampedLock;

/// A chain of images as one disk. The top image is written, the others are only read.
///
/// Any number of threads may read and write at once. Reads and in-place writes share a lock and run
/// side by side; what changes a map (allocation, zeroing, discarding, flushing) runs alone.
///
/// After metadata could not be written or made durable, nobody knows what the disk holds: the image
/// turns read-only, and every later change and flush reports the first failure.
public final class Disk implements BlockDevice {
  private final List<Layer> layers;
  private final Image top;
  private final boolean writable;
  private final ChainReader reader;
  private final StampedLock lock = new StampedLock();
  private volatile boolean prepared;
  private volatile IOException failure;
  private volatile boolean suppressZeros = true;

  /// An image of a chain.
  ///
  /// @param image the image; the disk closes it
  /// @param formatName the name of its format
  public record Layer(Image image, String formatName) {}

  /// A disk of a chain of images.
  ///
  /// @param layers the top first, the base last
  /// @param writable whether the top image was opened for writing
  public Disk(List<Layer> layers, boolean writable) {
    this.layers = List.copyOf(layers);
    this.top = layers.getFirst().image();
    this.writable = writable;
    this.reader = new ChainReader(this.layers.stream().map(Layer::image).toList());
  }

  /// The chain, the top first.
  public List<Layer> layers() {
    return layers;
  }

  /// The image that is written.
  public Image top() {
    return top;
  }

  /// Whether whole units of zeros are kept as a mark where the image can say so, instead of being
  /// stored; on by default.
  public void suppressZeros(boolean on) {
    suppressZeros = on;
  }

  @Override
  public long size() {
    return top.size();
  }

  @Override
  public boolean writable() {
    return writable;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size());
    long stamp = lock.readLock();
    try {
      reader.read(offset, target);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    long stamp = lock.readLock();
    try {
      return reader.extent(offset, length);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(offset, source.byteSize(), size());
    prepare();
    long done = 0;
    while (done < source.byteSize()) {
      MemorySegment rest = source.asSlice(done);
      long written = writeInPlace(offset + done, rest);
      done += written > 0 ? written : allocate(offset + done, rest);
    }
  }

  private long writeInPlace(long offset, MemorySegment source) throws IOException {
    long stamp = lock.readLock();
    try {
      long done = 0;
      while (done < source.byteSize()
          && top.map(offset + done, source.byteSize() - done)
              instanceof Mapping.Stored(Storage storage, long position, long length)) {
        storage.write(position, source.asSlice(done, length));
        done += length;
      }
      return done;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /// Writes whole units compressed, each in the place of what it had before; one that compressing
  /// does not make smaller is written as it is.
  ///
  /// @param offset a multiple of the image's compressed unit
  /// @param source whole units, or the rest of the disk
  /// @throws IllegalArgumentException if the image cannot do that, or the range is not of whole
  ///   units
  public void writeCompressed(long offset, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(offset, source.byteSize(), size());
    if (!(top instanceof Compressing compressing)) {
      throw new IllegalArgumentException(name() + ": cannot store compressed data");
    }
    int unit = compressing.compressedUnit();
    long end = offset + source.byteSize();
    if (offset % unit != 0 || (end % unit != 0 && end != size())) {
      throw new IllegalArgumentException(
          name() + ": compressed writes are of whole units of " + unit + " bytes");
    }
    prepare();
    try (var encoder = compressing.encoder();
        Buffers.Lease whole = Buffers.lease(unit);
        Buffers.Lease encoded = Buffers.lease(unit)) {
      for (long done = 0; done < source.byteSize(); done += unit) {
        MemorySegment rest = source.asSlice(done, Math.min(unit, source.byteSize() - done));
        whole.segment().asSlice(rest.byteSize()).fill((byte) 0);
        MemorySegment.copy(rest, 0, whole.segment(), 0, rest.byteSize());
        int length = encoder.encode(offset + done, whole.segment(), encoded.segment());
        if (length == Packing.Encoder.RAW) {
          write(offset + done, rest);
        } else {
          storeEncoded(compressing, offset + done, encoded.segment().asSlice(0, length));
        }
      }
    }
  }

  private void storeEncoded(Compressing compressing, long offset, MemorySegment encoded)
      throws IOException {
    long stamp = lock.writeLock();
    try {
      checkSound();
      Reservation room = compressing.reserveEncoded(offset, (int) encoded.byteSize());
      boolean published = false;
      try {
        room.storage().write(room.position(), encoded);
        change(room::publish);
        published = true;
      } finally {
        if (!published) {
          room.cancel();
        }
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private long allocate(long offset, MemorySegment source) throws IOException {
    long stamp = lock.writeLock();
    try {
      checkSound();
      Mapping mapping = top.map(offset, source.byteSize());
      if (mapping instanceof Mapping.Stored(Storage storage, long position, long length)) {
        storage.write(position, source.asSlice(0, length));
        return length;
      }
      if (suppressZeros && top instanceof Zeroing zeroing) {
        long zeros = wholeUnitsOfZeros(offset, source.asSlice(0, mapping.length()));
        if (zeros > 0) {
          change(() -> zeroing.zero(offset, zeros, Zeroing.Room.RELEASE));
          return zeros;
        }
      }
      return fill(offset, source.asSlice(0, mapping.length()));
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private long wholeUnitsOfZeros(long offset, MemorySegment source) {
    int unit = top.allocationUnit();
    if (offset % unit != 0) {
      return 0;
    }
    long zeros = Zeros.prefix(source);
    return offset + zeros == size() ? zeros : zeros & -unit;
  }

  private long fill(long offset, MemorySegment source) throws IOException {
    Reservation room = reserve(offset, source.byteSize());
    boolean published = false;
    try {
      long end = Math.min(offset + source.byteSize(), room.offset() + room.length());
      long skip = offset - room.offset();
      fillEdge(room, room.offset(), offset);
      room.storage().write(room.position() + skip, source.asSlice(0, end - offset));
      fillEdge(room, end, room.offset() + room.length());
      change(room::publish);
      published = true;
      return end - offset;
    } finally {
      if (!published) {
        room.cancel();
      }
    }
  }

  private Reservation reserve(long offset, long length) throws IOException {
    return top.reserve(offset, Math.min(length, ChainReader.PIECE));
  }

  /// Copies what the disk has between the room's border and the new bytes; zeros behind its end.
  private void fillEdge(Reservation room, long from, long to) throws IOException {
    long at = from;
    while (at < to) {
      long length = Math.min(to - at, ChainReader.PIECE);
      boolean zeros = at >= size();
      if (!zeros) {
        Extent extent = reader.extent(at, Math.min(length, size() - at));
        length = extent.length();
        zeros = extent.kind().isZero();
      }
      if (!(zeros && room.zeroed())) {
        reader.copy(at, length, room.storage(), room.position() + at - room.offset());
      }
      at += length;
    }
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    if (length == 0) {
      return;
    }
    prepare();
    if (!(top instanceof Zeroing zeroing)) {
      writeZeros(offset, length, room);
      return;
    }
    int unit = top.allocationUnit();
    long start = Math.min((offset + unit - 1) & -unit, offset + length);
    long end = offset + length == size() ? size() : Math.max((offset + length) & -unit, start);
    writeZeros(offset, start - offset, room);
    if (start < end) {
      exclusively(() -> zeroing.zero(start, end - start, kind(room)));
    }
    writeZeros(end, offset + length - end, room);
  }

  private static Zeroing.Room kind(Room room) {
    return room == Room.KEEP ? Zeroing.Room.KEEP : Zeroing.Room.RELEASE;
  }

  /// Zeros where the image has no mark for them: stored runs are zeroed in their place, others are
  /// allocated unless they read as zeros anyway.
  private void writeZeros(long offset, long length, Room room) throws IOException {
    long at = offset;
    while (at < offset + length) {
      long rest = offset + length - at;
      long done = zeroInPlace(at, rest, room);
      if (done == 0) {
        done = Math.min(rest, ChainReader.PIECE);
        write(at, Zeros.segment().asSlice(0, done));
      }
      at += done;
    }
  }

  private long zeroInPlace(long offset, long length, Room room) throws IOException {
    long stamp = lock.readLock();
    try {
      Extent extent = reader.extent(offset, length);
      if (extent.kind().isZero() && room == Room.RELEASE) {
        return extent.length();
      }
      if (top.map(offset, length)
          instanceof Mapping.Stored(Storage storage, long position, long run)) {
        if (room == Room.KEEP) {
          storage.zero(position, run);
        } else {
          storage.punch(position, run);
        }
        return run;
      }
      return extent.kind().isZero() ? extent.length() : 0;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size());
    int unit = top.allocationUnit();
    long start = (offset + unit - 1) & -unit;
    long end = offset + length == size() ? size() : (offset + length) & -unit;
    if (start >= end) {
      return;
    }
    prepare();
    boolean hides = layers.size() > 1 || top.parent().isPresent();
    if (hides && top instanceof Zeroing zeroing) {
      exclusively(() -> zeroing.zero(start, end - start, Zeroing.Room.RELEASE));
    } else if (!hides && top instanceof Discarding discarding) {
      exclusively(() -> discarding.discard(start, end - start));
    }
  }

  /// Changes what the top image says about itself, all of it or nothing, durable when this returns.
  /// The disk keeps the parents that it was opened with.
  ///
  /// @throws IllegalArgumentException if the image has no place for a part of it or a value does
  ///   not fit; nothing has changed then
  public void describe(Description change) throws IOException {
    checkSound();
    if (!writable) {
      throw new ReadOnlyException(name(), "is opened read-only");
    }
    if (!(top instanceof Describable describable)) {
      change.checkPlaces(
          Set.of(), name() + ": an image of format " + layers.getFirst().formatName());
      return;
    }
    exclusively(() -> describable.describe(change));
  }

  /// Changes the size of the disk in place, durable when this returns; a crash leaves the old size
  /// or the new one. What is new reads as zeros, also above a parent that has something there; what
  /// is cut off is lost. The image may take a size that is a little above the one given.
  ///
  /// @throws IllegalArgumentException if the image cannot have a disk of that size
  /// @throws ImageException.Unsupported if the size of images of this kind never changes
  public void resize(long size) throws IOException {
    if (size < 0) {
      throw new IllegalArgumentException(name() + ": a disk cannot have " + size + " bytes");
    }
    var change = new NewSize(this, size);
    Resizable resizable = change.image();
    prepare();
    change.storeEnd();
    exclusively(() -> resizable.resize(size, change.parentEnd()));
  }

  /// Makes the top image say nothing about its disk, as far as whole units go: the parent shows
  /// through, or zeros where there is none.
  ///
  /// @return whether the image can do that
  public boolean empty() throws IOException {
    if (!(top instanceof Discarding discarding)) {
      return false;
    }
    prepare();
    if (size() > 0) {
      exclusively(() -> discarding.discard(0, size()));
    }
    return true;
  }

  @Override
  public void flush() throws IOException {
    if (!writable) {
      return;
    }
    exclusively(top::flush);
  }

  /// Closes all images; the first failure is thrown when all are closed. After a failure of
  /// metadata nothing more is written.
  @Override
  public void close() throws IOException {
    IOException first = null;
    long stamp = lock.writeLock();
    try {
      for (int depth = 0; depth < layers.size(); depth++) {
        try {
          if (depth == 0 && failure != null) {
            top.abandon();
          } else {
            layers.get(depth).image().close();
          }
        } catch (IOException e) {
          first = first == null ? e : first;
        }
      }
    } finally {
      lock.unlockWrite(stamp);
    }
    if (first != null) {
      throw first;
    }
  }

  private void prepare() throws IOException {
    checkSound();
    if (!writable) {
      throw new ReadOnlyException(name(), "is opened read-only");
    }
    if (!prepared) {
      exclusively(() -> {
        if (!prepared) {
          top.prepareToWrite();
          prepared = true;
        }
      });
    }
  }

  private String name() {
    return top.storages().getFirst().name();
  }

  private void exclusively(Change change) throws IOException {
    long stamp = lock.writeLock();
    try {
      checkSound();
      change(change);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void change(Change change) throws IOException {
    try {
      reader.forget();
      change.run();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /// Whether nobody knows what the top image's metadata is on disk.
  boolean failed() {
    return failure != null;
  }

  private void checkSound() throws IOException {
    IOException earlier = failure;
    if (earlier != null) {
      throw new IOException(
          name() + ": is read-only since an earlier failure: " + earlier.getMessage(), earlier);
    }
  }

  @FunctionalInterface
  private interface Change {
    void run() throws IOException;
  }

  /// The format's name and the image of each layer, for messages.
  @Override
  public String toString() {
    return layers.stream().map(l -> l.formatName() + " " + l.image()).toList().toString();
  }
}
