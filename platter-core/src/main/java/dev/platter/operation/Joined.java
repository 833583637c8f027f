package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.image.Mapping;
import dev.platter.image.ReadOnlyException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Disks one behind the other as one disk that is only read, cut or made longer with zeros. Closing
/// it leaves the disks open.
final class Joined implements BlockDevice {
  private final List<BlockDevice> parts;
  private final long[] starts;
  private final long skip;
  private final long size;

  /// A window on joined disks.
  ///
  /// @param skip bytes left out at the start
  private Joined(List<? extends BlockDevice> parts, long skip, long size) {
    this.parts = List.copyOf(parts);
    this.starts = new long[parts.size() + 1];
    for (int part = 0; part < parts.size(); part++) {
      starts[part + 1] = Math.addExact(starts[part], lengthOf(part));
    }
    this.skip = skip;
    this.size = size;
  }

  /// What all but the last take: whole sectors, so that each disk starts at one.
  private long lengthOf(int part) {
    long length = parts.get(part).size();
    return part == parts.size() - 1 ? length : Math.addExact(length, 511) & -512;
  }

  /// The disk itself if it is one alone and has that size already.
  static BlockDevice of(List<? extends BlockDevice> parts, long size) {
    return parts.size() == 1 && parts.getFirst().size() == size
        ? parts.getFirst()
        : new Joined(parts, 0, size);
  }

  /// A part of a disk.
  static BlockDevice part(BlockDevice whole, long skip, long size) {
    return skip == 0 && size == whole.size() ? whole : new Joined(List.of(whole), skip, size);
  }

  /// Bytes of all disks together.
  static long sizeOf(List<? extends BlockDevice> parts) {
    Joined all = new Joined(parts, 0, 0);
    return all.starts[parts.size()];
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size);
    long done = 0;
    while (done < target.byteSize()) {
      long at = skip + offset + done;
      int part = partAt(at);
      long rest = target.byteSize() - done;
      long length = part < 0 ? rest : Math.min(rest, starts[part + 1] - at);
      long there = part < 0 ? 0 : Math.clamp(endOf(part) - at, 0, length);
      if (there > 0) {
        parts.get(part).read(at - starts[part], target.asSlice(done, there));
      }
      target.asSlice(done + there, length - there).fill((byte) 0);
      done += length;
    }
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size);
    long at = skip + offset;
    int part = partAt(at);
    if (part < 0) {
      return hole(offset, length);
    }
    if (at >= endOf(part)) {
      return hole(offset, Math.min(length, starts[part + 1] - at));
    }
    Extent found = parts.get(part).extent(at - starts[part], Math.min(length, endOf(part) - at));
    return new Extent(
        offset,
        found.length(),
        found.kind(),
        found.depth(),
        found.encoded(),
        found.storage(),
        found.position());
  }

  private static Extent hole(long offset, long length) {
    return new Extent(
        offset, length, Extent.Kind.HOLE, 0, false, Optional.empty(), Mapping.NOWHERE);
  }

  private long endOf(int part) {
    return starts[part] + parts.get(part).size();
  }

  /// The disk that has a byte, -1 behind the last one.
  private int partAt(long at) {
    for (int part = 0; part < parts.size(); part++) {
      if (at < starts[part + 1]) {
        return part;
      }
    }
    return -1;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw readOnly();
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw readOnly();
  }

  private static IOException readOnly() {
    return new ReadOnlyException("joined disks", "are only read");
  }

  @Override
  public void flush() {
    // nothing is ever written
  }

  @Override
  public void close() {
    // the disks belong to somebody else
  }
}
