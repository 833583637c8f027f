package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/// What the tests of VHDX have in common: images in a folder of memory, and bytes to change there.
final class VhdxLab implements Reach {
  static final Formats FORMATS = LabBytes.FORMATS;
  static final ImageFormat FORMAT = FORMATS.named("vhdx");
  static final int MIB = 1 << 20;

  /// Where things are in images of the tests.
  static final long HEADER = 65_536;

  static final long OTHER_HEADER = 131_072;
  static final long REGIONS = 196_608;
  static final long LOG = MIB;
  static final long METADATA = 2 * MIB;
  static final long BAT = 3 * MIB;

  private final Map<String, MemoryStorage> files = new HashMap<>();

  MemoryStorage file(String name) {
    return files.computeIfAbsent(name, MemoryStorage::new);
  }

  /// A copy, as after a crash now of a machine that has written everything.
  MemoryStorage copy(String name, String as) throws IOException {
    var copy = new MemoryStorage(as);
    byte[] bytes = get(file(name), 0, (int) file(name).size());
    copy.write(0, MemorySegment.ofArray(bytes));
    files.put(as, copy);
    return copy;
  }

  static Blueprint blueprint(long size, Map<String, String> options) {
    return Blueprint.of(size, Options.of(FORMAT, options), "x.vhdx");
  }

  static void write(Plan plan, byte[] content, Storage storage) throws IOException {
    LabBytes.write(plan, content, storage);
  }

  /// An empty image with blocks of a MiB.
  MemoryStorage create(String name, long size) throws IOException {
    write(
        FORMAT.plan(blueprint(size, Map.of("block_size", "1M")), Allocation.empty(size)),
        new byte[0],
        file(name));
    return file(name);
  }

  /// An empty child with blocks of a MiB.
  void createChild(String name, long size, String parent) throws IOException {
    try (Disk below = open(parent, Access.READ)) {
      var backing = new Blueprint.Backing(parent, Optional.of("vhdx"), Optional.of(below.top()));
      Blueprint blueprint = blueprint(size, Map.of("block_size", "1M")).on(backing);
      write(FORMAT.plan(blueprint, Allocation.empty(size)), new byte[0], file(name));
    }
  }

  Disk open(String name, Access access) throws IOException {
    return new Disks(FORMATS).open(file(name), DiskOptions.standard().access(access).reach(this));
  }

  static Disk disk(Storage storage) throws IOException {
    return LabBytes.disk(FORMAT, storage);
  }

  static Image image(Storage storage, Access access, Purpose purpose) throws IOException {
    return LabBytes.image(FORMAT, storage, access, purpose);
  }

  static byte[] read(Disk disk, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    disk.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static void write(Disk disk, long offset, byte[] bytes) throws IOException {
    disk.write(offset, MemorySegment.ofArray(bytes));
  }

  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static void putLong(Storage storage, long position, long value) throws IOException {
    put(storage, position, buffer(8).putLong(value).array());
  }

  static void putInt(Storage storage, long position, int value) throws IOException {
    put(storage, position, buffer(4).putInt(value).array());
  }

  static long getLong(Storage storage, long position) throws IOException {
    return ByteBuffer.wrap(get(storage, position, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /// Puts the right checksum into a structure.
  static byte[] seal(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(4, 0);
    var crc = new CRC32C();
    crc.update(bytes);
    buffer.putInt(4, (int) crc.getValue());
    return bytes;
  }

  /// Makes the checksum right of a structure that was changed.
  static void seal(Storage storage, long position, int size) throws IOException {
    put(storage, position, seal(get(storage, position, size)));
  }

  /// Changes a field of both headers.
  static void putInHeaders(Storage storage, int field, byte... value) throws IOException {
    for (long header : new long[] {HEADER, OTHER_HEADER}) {
      put(storage, header + field, value);
      seal(storage, header, 4096);
    }
  }

  /// Changes a field of both region tables.
  static void putInRegions(Storage storage, int field, byte... value) throws IOException {
    for (long table : new long[] {REGIONS, 2 * OTHER_HEADER}) {
      put(storage, table + field, value);
      seal(storage, table, 65_536);
    }
  }

  @Override
  public Storage open(Storage from, String location, Access access) throws IOException {
    MemoryStorage file = files.get(location);
    if (file == null) {
      throw new ImageException.OutOfReach(from.name(), "names '" + location + "'");
    }
    return file;
  }

  @Override
  public List<String> beside(Storage from, List<String> extensions) {
    return List.of();
  }
}
