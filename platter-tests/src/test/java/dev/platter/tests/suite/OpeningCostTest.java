package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.image.Options;
import dev.platter.image.Reach;
import dev.platter.image.Sizes;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.operation.CreateImage;
import dev.platter.operation.Progress;
import dev.platter.testkit.CountingStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Opening an image costs its header and the tables that are needed, however large its disk is:
/// bytes are counted and not time.
class OpeningCostTest {
  /// What one of the largest images may read until its last sector has been read.
  private static final long MOST_READ = 4 << 20;

  /// What it may allocate meanwhile.
  private static final long MOST_ALLOCATED = 16 << 20;

  @TempDir Path folder;

  /// Sizes are the formats' largest or 64 TiB, with units that keep the tables of the test small
  /// enough to be written: what is read must not depend on them.
  @ParameterizedTest
  @CsvSource({
    "parallels, 64T, cluster_size=64M",
    "qcow, 64T, cluster_size=64K",
    "qcow2, 64T, ''",
    "qcow2, 1024T, cluster_size=2M",
    "qed, 64T, ''",
    "raw, 8T, ''",
    "vdi, 64T, block_size=64M",
    "vpc, 2040G, ''",
    "vhdx, 64T, block_size=32M",
    "vmdk, 512G, ''"
  })
  void openingReadsLittle(String name, String size, String option) throws IOException {
    var formats = new Formats(BuiltInFormats.all());
    ImageFormat format = formats.named(name);
    Map<String, String> options = new HashMap<>();
    if (!option.isEmpty()) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    long bytes = Sizes.parse(size);
    Path file = folder.resolve("large." + format.extensions().getFirst());
    Blueprint blueprint =
        Blueprint.of(bytes, Options.of(format, options), file.getFileName().toString());
    new CreateImage(format, blueprint, Progress.none()).toFile(file);
    open(formats, file, name);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Cost cost = open(formats, file, name);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(bytes, cost.size());
    assertTrue(cost.read() <= MOST_READ, () -> name + " read " + cost.read() + " bytes");
    assertTrue(cost.calls() <= 200, () -> name + " made " + cost.calls() + " calls");
    assertTrue(allocated <= MOST_ALLOCATED, () -> name + " allocated " + allocated + " bytes");
  }

  private record Cost(long size, long read, long calls) {}

  private static Cost open(Formats formats, Path file, String format) throws IOException {
    var storage = new CountingStorage(FileStorage.open(file, Access.READ, Sharing.LOCKED));
    DiskOptions options = DiskOptions.standard().format(Optional.of(format)).reach(Reach.nothing());
    try (Disk disk = new Disks(formats).open(storage, options)) {
      disk.read(disk.size() - 512, MemorySegment.ofArray(new byte[512]));
      return new Cost(disk.size(), storage.bytesRead(), storage.calls());
    }
  }
}
