package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What the tests of VHD have in common: images in a folder of memory, and peers.
final class VhdLab implements Reach {
  static final Formats FORMATS = LabBytes.FORMATS;
  static final ImageFormat FORMAT = FORMATS.named("vpc");
  static final Instant NOW = Instant.parse("2024-05-06T07:08:09Z");

  private final Map<String, MemoryStorage> files = new HashMap<>();

  MemoryStorage file(String name) {
    return files.computeIfAbsent(name, MemoryStorage::new);
  }

  void rename(String name, String other) {
    files.put(other, files.remove(name));
  }

  static Blueprint blueprint(long size, Map<String, String> options) {
    return new Blueprint(
        size, Options.of(FORMAT, options), "x.vhd", Optional.empty(), UUID::randomUUID, NOW);
  }

  /// A new image that has some content.
  static void write(Blueprint blueprint, byte[] content, Storage storage) throws IOException {
    write(FORMAT.plan(blueprint, allocation(content)), content, storage);
  }

  static void write(Plan plan, byte[] content, Storage storage) throws IOException {
    LabBytes.write(plan, content, storage);
  }

  /// The sectors that are not all zeros.
  static Allocation allocation(byte[] content) {
    var runs = new Allocation.Builder();
    for (int at = 0; at < content.length; at += 512) {
      int end = Math.min(at + 512, content.length);
      if (Arrays.mismatch(Arrays.copyOfRange(content, at, end), new byte[end - at]) >= 0) {
        runs.data(at, end - at);
      }
    }
    return runs.build(content.length);
  }

  void create(String name, long size, Map<String, String> options) throws IOException {
    Blueprint blueprint = blueprint(size, options);
    write(FORMAT.plan(blueprint, Allocation.empty(size)), new byte[0], file(name));
  }

  void createChild(String name, long size, String parentName, String parent, String blockSize)
      throws IOException {
    try (Disk below = open(parent, Access.READ)) {
      Blueprint blueprint =
          blueprint(size, Map.of("block_size", blockSize))
              .on(new Blueprint.Backing(parentName, Optional.of("vpc"), Optional.of(below.top())));
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

  static byte[] read(Disk disk) throws IOException {
    byte[] bytes = new byte[(int) disk.size()];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static void putInt(Storage storage, long position, int value) throws IOException {
    put(storage, position, ByteBuffer.allocate(4).putInt(value).array());
  }

  static int getInt(Storage storage, long position) throws IOException {
    return ByteBuffer.wrap(get(storage, position, 4)).getInt();
  }

  /// Makes the checksum right of a structure that was changed.
  static void seal(Storage storage, long position, int size, int checksum) throws IOException {
    putInt(storage, position + checksum, 0);
    int sum = 0;
    for (byte b : get(storage, position, size)) {
      sum += b & 0xff;
    }
    putInt(storage, position + checksum, ~sum);
  }

  static void sealFooter(Storage storage, long position) throws IOException {
    seal(storage, position, 512, 64);
  }

  static void sealHeader(Storage storage) throws IOException {
    seal(storage, 512, 1024, 36);
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
    return files.keySet().stream().filter(n -> !n.equals(from.name())).sorted().toList();
  }

  /// Skips a test if a peer is not installed.
  static void assumeInstalled(String... command) {
    boolean found = false;
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      found = process.waitFor() == 0;
    } catch (IOException | InterruptedException _) {
      // assumed below
    }
    assumeTrue(found, command[0] + " is not installed");
  }

  /// What a peer prints; it must succeed.
  static String run(Path folder, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), () -> List.of(command) + ": " + text);
      return text;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
