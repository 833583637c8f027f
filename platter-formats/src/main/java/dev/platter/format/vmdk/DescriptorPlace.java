package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// Where a descriptor is kept: in a file of its own, or in sectors of a sparse extent.
///
/// @param position where it starts in the file
/// @param room bytes that it may have, 0 if as many as it likes
record DescriptorPlace(Storage storage, long position, long room) {
  private static final int SECTOR = SparseHeader.SECTOR;

  /// The descriptor of a text file.
  static DescriptorPlace ofText(Storage storage) {
    return new DescriptorPlace(storage, 0, 0);
  }

  /// The descriptor inside a sparse extent.
  static DescriptorPlace in(Storage storage, SparseHeader header) throws ImageException {
    long first = header.descriptorOffset();
    long count = header.descriptorSize();
    if (first == 0 || count == 0) {
      throw new ImageException.Unsupported(
          storage.name(),
          "is one extent of an image and has no descriptor; open the descriptor that names it");
    }
    boolean sane = first > 0 && first < 1L << 54 && count > 0 && count < 1L << 54;
    if (!sane) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has its descriptor in "
              + Long.toUnsignedString(count)
              + " sectors from "
              + Long.toUnsignedString(first)
              + " on");
    }
    return new DescriptorPlace(storage, first * SECTOR, count * SECTOR);
  }

  /// Reads the text.
  VmdkDescriptor read(Limits limits) throws IOException {
    byte[] bytes = bytes(limits);
    return VmdkDescriptor.parse(room == 0 ? DescriptorChange.pending(bytes).orElse(bytes) : bytes);
  }

  /// Puts another text in the place of the present one, all of it or nothing, and makes it durable.
  ///
  /// @throws IllegalArgumentException if it does not fit
  void replace(VmdkDescriptor descriptor, Limits limits) throws IOException {
    new DescriptorChange(this).write(settled(limits), descriptor.bytes(), limits.text());
  }

  /// What is in the place, once a change that was cut short is finished.
  private byte[] settled(Limits limits) throws IOException {
    byte[] bytes = bytes(limits);
    if (room == 0) {
      Optional<byte[]> pending = DescriptorChange.pending(bytes);
      if (pending.isPresent()) {
        new DescriptorChange(this).finish(pending.get());
        return pending.get();
      }
    }
    return bytes;
  }

  private byte[] bytes(Limits limits) throws IOException {
    long length = room == 0 ? storage.size() : room;
    Limits.check(storage.name(), "descriptor bytes", length, limits.text());
    if (position > storage.size() - length) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its descriptor of "
              + length
              + " bytes at "
              + position
              + " is not in the file, which ends at "
              + storage.size());
    }
    byte[] bytes = new byte[(int) length];
    storage.read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Writes another text over the present one, only what differs, and makes it durable.
  void write(VmdkDescriptor descriptor, Limits limits) throws IOException {
    byte[] before = settled(limits);
    byte[] text = descriptor.bytes();
    byte[] after = room == 0 ? text : Arrays.copyOf(text, (int) room);
    if (text.length > after.length) {
      throw new ImageException.Unsupported(
          storage.name(),
          "its descriptor needs " + text.length + " bytes, and there is room for " + room);
    }
    for (int at = 0; at < after.length; at += SECTOR) {
      int end = Math.min(at + SECTOR, after.length);
      int old = Math.min(end, before.length);
      if (at >= old || !Arrays.equals(after, at, end, before, at, old)) {
        storage.write(position + at, MemorySegment.ofArray(after).asSlice(at, end - at));
      }
    }
    if (after.length < before.length) {
      storage.resize(after.length);
    }
    storage.flush();
  }
}
