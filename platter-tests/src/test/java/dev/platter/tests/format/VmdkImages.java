package dev.platter.tests.format;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.raw.RawFormat;
import dev.platter.format.vdi.VdiFormat;
import dev.platter.format.vmdk.VmdkFormat;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Image;
import dev.platter.image.Options;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Makes and opens VMDK images in a folder.
///
/// @param path where they are
record VmdkImages(Path path) {
  static final VmdkFormat FORMAT = new VmdkFormat();
  static final int GRAIN = 64 << 10;

  private static final Formats FORMATS =
      new Formats(List.of(FORMAT, new VdiFormat(), new RawFormat()));
  private static final int STEP = 1 << 16;

  Path file(String name) {
    return path.resolve(name);
  }

  static DiskOptions options() {
    return DiskOptions.standard().format(Optional.of("vmdk")).reach(Reach.sameFolder());
  }

  Disk open(String name) throws IOException {
    return open(name, options());
  }

  Disk openToWrite(String name) throws IOException {
    return open(name, options().writable());
  }

  Disk open(String name, DiskOptions options) throws IOException {
    return new Disks(FORMATS).open(file(name), options);
  }

  static Blueprint blueprint(String name, long size, Map<String, String> options) {
    return Blueprint.of(size, Options.of(FORMAT, options), name);
  }

  /// Lays out an image of some content, without its zeros.
  void create(String name, byte[] content, Map<String, String> options) throws IOException {
    write(name, FORMAT.plan(blueprint(name, content.length, options), runs(content)), content);
  }

  /// Lays out an empty child.
  void createChild(String name, String parent, Map<String, String> options) throws IOException {
    try (Disk below = open(parent)) {
      write(
          name, FORMAT.plan(child(name, parent, below.top(), options), empty(below)), new byte[0]);
    }
  }

  private static Allocation empty(Disk disk) {
    return Allocation.empty(disk.size());
  }

  static Blueprint child(String name, String parent, Image image, Map<String, String> options) {
    var backing = new Blueprint.Backing(parent, Optional.of("vmdk"), Optional.of(image));
    return blueprint(name, image.size(), options).on(backing);
  }

  /// Packs an image of some content, without its zeros.
  void pack(String name, byte[] content, Map<String, String> options) throws IOException {
    Packing packing = FORMAT.pack(blueprint(name, content.length, options)).orElseThrow();
    Path target = file(name);
    Files.createFile(target);
    int size = packing.unitSize();
    try (Storage storage = FileStorage.open(target, Access.WRITE, Sharing.LOCKED);
        Packing.Encoder encoder = packing.encoder()) {
      byte[] encoded = new byte[packing.encodedLimit()];
      for (int at = 0; at < content.length; at += size) {
        byte[] unit = Arrays.copyOfRange(content, at, at + size);
        if (Arrays.mismatch(unit, new byte[size]) < 0) {
          continue;
        }
        int length =
            encoder.encode(at, MemorySegment.ofArray(unit), MemorySegment.ofArray(encoded));
        long position = packing.place(at, length);
        storage.write(position, MemorySegment.ofArray(encoded).asSlice(0, length));
      }
      PlannedFile rest = packing.finish(List.of()).files().getFirst();
      write(rest, content, storage);
    }
  }

  private void write(String name, Plan plan, byte[] content) throws IOException {
    for (PlannedFile planned : plan.files()) {
      Path target = file(planned.name().isEmpty() ? name : planned.name());
      Files.createFile(target);
      try (Storage storage = FileStorage.open(target, Access.WRITE, Sharing.LOCKED)) {
        write(planned, content, storage);
      }
    }
  }

  private static void write(PlannedFile file, byte[] content, Storage target) throws IOException {
    target.resize(file.size());
    MemorySegment disk = MemorySegment.ofArray(content);
    for (Piece piece : file.pieces()) {
      for (long done = 0; done < piece.length(); done += STEP) {
        int length = (int) Math.min(STEP, piece.length() - done);
        MemorySegment part = MemorySegment.ofArray(new byte[length]);
        switch (piece) {
          case Piece.Metadata metadata -> metadata.source().fill(done, part);
          case Piece.Guest guest -> {
            long from = guest.offset() + done;
            long there = Math.clamp(content.length - from, 0, length);
            if (there > 0) {
              part.copyFrom(disk.asSlice(from, there));
            }
          }
        }
        target.write(piece.position() + done, part);
      }
    }
  }

  /// The sectors that are not all zeros.
  static Allocation runs(byte[] content) {
    var runs = new Allocation.Builder();
    for (int at = 0; at < content.length; at += 512) {
      int end = Math.min(at + 512, content.length);
      if (Arrays.mismatch(Arrays.copyOfRange(content, at, end), new byte[end - at]) >= 0) {
        runs.data(at, end - at);
      }
    }
    return runs.build(content.length);
  }

  /// Content with empty grains, full ones, partly filled ones, and some that can be compressed.
  static byte[] content(int size) {
    byte[] content = new byte[size];
    var dice = new SplittableRandom(size);
    dice.nextBytes(content);
    for (int at = 0; at < size; at += 3 * GRAIN) {
      Arrays.fill(content, at, Math.min(at + GRAIN, size), (byte) 0);
    }
    for (int at = GRAIN + 5000; at < size; at += 6 * GRAIN) {
      Arrays.fill(content, at, Math.min(at + 40_000, size), (byte) (at >> 16));
    }
    return content;
  }

  static byte[] read(BlockDevice disk) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(disk.size())];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static void write(BlockDevice disk, long offset, byte[] bytes) throws IOException {
    disk.write(offset, MemorySegment.ofArray(bytes));
  }

  /// Random changes, to the disk and to the bytes that it should have.
  static void change(Disk disk, byte[] content, int seed) throws IOException {
    var dice = new SplittableRandom(seed);
    List<Integer> lengths = new ArrayList<>();
    for (int turn = 0; turn < 60; turn++) {
      int at = dice.nextInt(content.length);
      int length = 1 + dice.nextInt(Math.min(content.length - at, 3 * GRAIN));
      lengths.add(length);
      switch (dice.nextInt(5)) {
        case 0 -> {
          disk.zero(at, length, BlockDevice.Room.RELEASE);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 1 -> {
          disk.zero(at, length, BlockDevice.Room.KEEP);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 2 -> disk.flush();
        default -> {
          byte[] bytes = new byte[length];
          dice.nextBytes(bytes);
          write(disk, at, bytes);
          System.arraycopy(bytes, 0, content, at, length);
        }
      }
    }
  }
}
