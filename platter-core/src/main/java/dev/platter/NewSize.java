package dev.platter;

import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.image.Resizable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What comes before a change of a disk's size.
///
/// @param disk the disk, prepared for writing
/// @param size bytes that it shall have
record NewSize(Disk disk, long size) {

  /// The image whose size is changed.
  Resizable image() throws ImageException.Unsupported {
    if (disk.top() instanceof Resizable resizable) {
      return resizable;
    }
    throw new ImageException.Unsupported(
        disk.top().storages().getFirst().name(),
        "the size of this kind of "
            + disk.layers().getFirst().formatName()
            + " image cannot be changed in place");
  }

  /// Where the parent ends; unknown if it was not opened.
  long parentEnd() {
    if (disk.layers().size() > 1) {
      return disk.layers().get(1).image().size();
    }
    return disk.top().parent().isPresent() ? size : 0;
  }

  /// Stores the unit that the disk ends in, with zeros behind the end, where something else would
  /// come to light there when the disk becomes larger.
  void storeEnd() throws IOException {
    long before = disk.size();
    if (size <= before || before % disk.top().allocationUnit() == 0) {
      return;
    }
    boolean hidden =
        switch (disk.top().map(before - 1, 1)) {
          case Mapping.Stored _, Mapping.Zero _ -> true;
          case Mapping.Unallocated _ -> parentEnd() == 0;
          case Mapping.Shared _, Mapping.Encoded _ -> false;
        };
    if (!hidden) {
      MemorySegment end = MemorySegment.ofArray(new byte[1]);
      disk.read(before - 1, end);
      disk.write(before - 1, end);
    }
  }
}
