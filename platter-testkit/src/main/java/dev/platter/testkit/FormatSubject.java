package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.io.Access;
import java.io.IOException;
import java.util.SplittableRandom;

/// What a suite is run on: a format, the options of its images, and a size.
public interface FormatSubject {

  /// The format with its options: units as small as the format allows find the most.
  Variant variant();

  /// Bytes of the disks that most cases use: some units and a part of one, at most a few MiB.
  default long diskSize() {
    return variant().size(40_000);
  }

  /// The file name of the image that most cases use.
  default String image() {
    return "image." + variant().format().extensions().getFirst();
  }

  /// A lab with one empty image.
  default Lab fresh() throws IOException {
    var lab = new Lab();
    lab.create(variant(), image(), diskSize());
    return lab;
  }

  /// Bytes of an allocation unit; a sector where there are none.
  default int unit() throws IOException {
    try (Disk disk = fresh().open(image(), Access.READ)) {
      return Math.max(disk.top().allocationUnit(), 512);
    }
  }

  /// A lab with an image that some operations were done on, the same for the same seed.
  default Lab used(long seed, int operations) throws IOException {
    Lab lab = fresh();
    var dice = new SplittableRandom(seed);
    var shapes = new Operation.Shapes(diskSize(), unit(), 1);
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      for (int at = 0; at < operations; at++) {
        switch (shapes.change(dice, at + 1)) {
          case Operation.Write(long offset, int length, int version) ->
              disk.write(offset, Stamp.segment(offset, length, version));
          case Operation.Zero(long offset, int length, var room) -> disk.zero(offset, length, room);
          case Operation.Discard(long offset, int length) -> disk.discard(offset, length);
          case Operation.Flush(),
              Operation.WriteZeros(_, _),
              Operation.Read(_, _),
              Operation.Reopen(),
              Operation.Map(),
              Operation.Child(_, _) ->
              disk.flush();
        }
      }
      disk.flush();
    }
    return lab;
  }
}
