package dev.platter.tests.format;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.format.vdi.VdiFormat;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Image;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Makes and opens images for tests.
final class VdiImages {
  static final VdiFormat FORMAT = new VdiFormat();
  static final int MAP = 512;

  private static final int STEP = 1 << 16;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private VdiImages() {}

  /// Small blocks at small positions: the map is at 512.
  static final Map<String, String> SMALL = Map.of("block_size", "512", "data_alignment", "512");

  static Blueprint blueprint(long size, Map<String, String> options) {
    return Blueprint.of(size, Options.of(FORMAT, options), "x.vdi");
  }

  /// Lays out an empty image.
  static <S extends Storage> S create(S storage, long size, Map<String, String> options)
      throws IOException {
    write(FORMAT.plan(blueprint(size, options), Allocation.empty(size)), storage);
    return storage;
  }

  /// Lays out an empty child.
  static <S extends Storage> S createChild(S storage, Image parent) throws IOException {
    var backing = new Blueprint.Backing("parent.vdi", Optional.of("vdi"), Optional.of(parent));
    Blueprint blueprint = blueprint(parent.size(), SMALL).on(backing);
    write(FORMAT.plan(blueprint, Allocation.empty(parent.size())), storage);
    return storage;
  }

  static void write(Plan plan, Storage target) throws IOException {
    write(plan, new byte[0], target);
  }

  /// Carries a plan out; behind the end of `disk` are zeros.
  static void write(Plan plan, byte[] disk, Storage target) throws IOException {
    target.resize(plan.size());
    MemorySegment content = MemorySegment.ofArray(disk);
    for (Piece piece : plan.files().getFirst().pieces()) {
      for (long done = 0; done < piece.length(); done += STEP) {
        MemorySegment part =
            MemorySegment.ofArray(new byte[(int) Math.min(STEP, piece.length() - done)]);
        switch (piece) {
          case Piece.Metadata metadata -> metadata.source().fill(done, part);
          case Piece.Guest guest -> {
            long from = guest.offset() + done;
            long there = Math.clamp(disk.length - from, 0, part.byteSize());
            if (there > 0) {
              part.copyFrom(content.asSlice(from, there));
            }
          }
        }
        target.write(piece.position() + done, part);
      }
    }
  }

  static OpenContext context(Access access, Purpose purpose) {
    return new OpenContext(
        access,
        Limits.standard(),
        (location, _) -> {
          throw new IOException("no reference to " + location + " expected");
        },
        purpose);
  }

  static Image open(Storage storage) throws IOException {
    return FORMAT.open(storage, context(Access.WRITE, Purpose.DATA));
  }

  static Image openToCheck(Storage storage) throws IOException {
    return FORMAT.open(storage, context(Access.WRITE, Purpose.CHECK));
  }

  /// A disk of a chain, the top first.
  static Disk disk(Storage... chain) throws IOException {
    List<Disk.Layer> layers = new ArrayList<>();
    for (Storage storage : chain) {
      Access access = layers.isEmpty() ? Access.WRITE : Access.READ;
      layers.add(new Disk.Layer(FORMAT.open(storage, context(access, Purpose.DATA)), "vdi"));
    }
    return new Disk(layers, true);
  }

  static byte[] read(BlockDevice disk, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    disk.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static byte[] read(BlockDevice disk) throws IOException {
    return read(disk, 0, Math.toIntExact(disk.size()));
  }

  static byte[] random(int length, long seed) {
    RandomGenerator dice = RandomGeneratorFactory.of("SplittableRandom").create(seed);
    byte[] bytes = new byte[length];
    dice.nextBytes(bytes);
    return bytes;
  }

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static void write(BlockDevice disk, long offset, byte[] bytes) throws IOException {
    disk.write(offset, MemorySegment.ofArray(bytes));
  }

  static long getInt(Storage storage, long position) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[4]);
    storage.read(position, bytes);
    return Integer.toUnsignedLong(bytes.get(INT, 0));
  }

  static void setInt(Storage storage, long position, long value) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[4]);
    bytes.set(INT, 0, (int) value);
    storage.write(position, bytes);
  }
}
