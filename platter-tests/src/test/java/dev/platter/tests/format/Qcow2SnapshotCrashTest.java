package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Snapshots;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import dev.platter.testkit.ClaimSweep;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.FaultStorage.Call;
import dev.platter.testkit.FaultStorage.Fault;
import dev.platter.testkit.FaultStorage.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Crashes and failures while snapshots are made, applied and deleted: the disk and every snapshot
/// are as before or as after, and stay so when the disk is written again. And a model: byte arrays
/// that the disk and its snapshots must equal.
class Qcow2SnapshotCrashTest {
  private static final int SIZE = 150 << 10;
  private static final String LAZY = "cluster_size=1k,lazy_refcounts=on";
  private static final String OLD = "cluster_size=512,compat=0.10";
  private static final String EXTENDED = "cluster_size=16k,extended_l2=on";
  private static final String PLAIN = "cluster_size=512";
  @TempDir Path folder;

  /// What an image holds.
  ///
  /// @param kept the content of each snapshot, by its identifier
  private record World(byte[] disk, Map<String, byte[]> kept) {
    boolean is(World other) {
      return java.util.Arrays.equals(disk, other.disk)
          && kept.keySet().equals(other.kept.keySet())
          && kept.keySet().stream()
              .allMatch(id -> java.util.Arrays.equals(kept.get(id), other.kept.get(id)));
    }
  }

  /// Something that is done to snapshots.
  private interface Work {
    void run(Snapshots image) throws IOException;
  }

  private static final Map<String, Work> WORKS = new LinkedHashMap<>();

  static {
    WORKS.put("create", image -> image.createSnapshot("new", Instant.EPOCH));
    WORKS.put("apply", image -> image.applySnapshot("1"));
    WORKS.put("delete", image -> image.deleteSnapshot("1"));
    WORKS.put("delete the last one made", image -> image.deleteSnapshot("2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, LAZY, OLD, EXTENDED})
  void everythingIsAsBeforeOrAsAfter(String options) throws IOException {
    byte[] image = start(options);
    int[] states = {0};
    for (var work : WORKS.entrySet()) {
      World before = world(memory(image));
      World after = after(image, work.getValue());
      FaultStorage file = FaultStorage.copyOf(memory(image));
      var dice = new SplittableRandom(1);
      file.beforeFlush(() -> {
        for (int crash = 0; crash < 4; crash++) {
          try {
            judge(work.getKey(), file.crash(dice), before, after);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          states[0]++;
        }
      });
      try (Disk disk = open(file, Access.WRITE, Purpose.DATA)) {
        work.getValue().run((Snapshots) disk.top());
        FaultStorage done = file.crash(dice);
        assertTrue(world(done).is(after), () -> work.getKey() + " is not durable");
      }
    }
    assertTrue(states[0] > 60, () -> states[0] + " states");
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, LAZY, EXTENDED})
  void anyCallMayFail(String options) throws IOException {
    byte[] image = start(options);
    for (var work : WORKS.entrySet()) {
      World before = world(memory(image));
      World after = after(image, work.getValue());
      for (Times times : Times.values()) {
        boolean fired = true;
        for (int nth = 1; fired; nth++) {
          FaultStorage file = FaultStorage.copyOf(memory(image));
          file.fail(Call.ANY, nth, Fault.EIO, times);
          attempt(file, work.getValue());
          fired = file.heal();
          judge(
              work.getKey() + ", call " + nth,
              file.crash(new SplittableRandom(nth)),
              before,
              after);
          judge(work.getKey() + ", call " + nth, file, before, after);
        }
      }
    }
  }

  private static void attempt(FaultStorage file, Work work) {
    try (Disk disk = open(file, Access.WRITE, Purpose.DATA)) {
      work.run((Snapshots) disk.top());
    } catch (IOException _) {
      // what is left is judged
    }
  }

  private World after(byte[] image, Work work) throws IOException {
    Storage file = memory(image);
    try (Disk disk = open(file, Access.WRITE, Purpose.DATA)) {
      work.run((Snapshots) disk.top());
    }
    assertEquals(List.of(), findings(file));
    return world(file);
  }

  /// Two snapshots, compressed clusters, and a disk that differs from both.
  private byte[] start(String options) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", options, SIZE);
    int cluster = options.contains("512") ? 512 : options.contains("16k") ? 16384 : 1024;
    for (int round = 0; round < 3; round++) {
      lab.disturb(image, 10 + round, 9, SIZE, cluster, true);
      if (round < 2) {
        lab.img("snapshot", "-c", "s" + round, image);
      }
    }
    return Files.readAllBytes(image);
  }

  private static Storage memory(byte[] image) throws IOException {
    return MemoryStorage.of("a.qcow2", image.clone());
  }

  private static void judge(String what, Storage file, World before, World after)
      throws IOException {
    World found = world(file);
    assertTrue(found.is(before) || found.is(after), () -> what + ": neither old nor new");
    repairVersionTwo(file);
    try (Disk disk = open(file, Access.WRITE, Purpose.DATA)) {
      byte[] bytes = new byte[9000];
      java.util.Arrays.fill(bytes, (byte) 0x77);
      disk.write(SIZE / 3, MemorySegment.ofArray(bytes));
      System.arraycopy(bytes, 0, found.disk, SIZE / 3, bytes.length);
    }
    assertTrue(world(file).is(found), () -> what + ": written again, something else changed");
    for (Finding finding : findings(file)) {
      assertEquals(Severity.LEAK, finding.severity(), () -> what + ": " + finding);
    }
  }

  /// Version 3 has a dirty bit and is repaired before it is written.
  private static void repairVersionTwo(Storage file) throws IOException {
    byte[] version = new byte[4];
    file.read(4, MemorySegment.ofArray(version));
    if (version[3] == 2) {
      try (Disk disk = open(file, Access.WRITE, Purpose.CHECK)) {
        ((Repairable) disk.top()).repair(Repairable.Scope.ALL);
      }
    }
  }

  private static List<Finding> findings(Storage file) throws IOException {
    try (Disk disk = open(file, Access.READ, Purpose.CHECK)) {
      return ClaimSweep.check(disk.top());
    }
  }

  private static World world(Storage file) throws IOException {
    Map<String, byte[]> kept = new LinkedHashMap<>();
    byte[] content;
    List<Snapshot> snapshots;
    try (Disk disk = open(file, Access.READ, Purpose.DATA)) {
      content = content(disk);
      snapshots = ((Snapshots) disk.top()).snapshots();
    }
    for (Snapshot snapshot : snapshots) {
      DiskOptions options = options().settings(Map.of("snapshot.id", snapshot.id()));
      try (Disk disk = Qcow2Lab.disks().open(file, options)) {
        kept.put(snapshot.id(), content(disk));
      }
    }
    return new World(content, kept);
  }

  private static byte[] content(Disk disk) throws IOException {
    byte[] bytes = new byte[(int) disk.size()];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static DiskOptions options() {
    return DiskOptions.standard().format(Optional.of("qcow2"));
  }

  private static Disk open(Storage file, Access access, Purpose purpose) throws IOException {
    return Qcow2Lab.disks().open(file, options().access(access).purpose(purpose));
  }

  @ParameterizedTest
  @ValueSource(strings = {PLAIN, LAZY, OLD, EXTENDED})
  void snapshotsAndWritesAreWhatTheModelSays(String options) throws IOException {
    Path image = new Qcow2Lab(folder).create("a.qcow2", options, SIZE);
    Storage file = memory(Files.readAllBytes(image));
    var dice = new SplittableRandom(options.hashCode());
    World model = new World(new byte[SIZE], new LinkedHashMap<>());
    for (int session = 0; session < 60; session++) {
      try (Disk disk = open(file, Access.WRITE, Purpose.DATA)) {
        for (int i = dice.nextInt(5); i > 0; i--) {
          write(disk, dice, model.disk);
        }
        reshape((Snapshots) disk.top(), dice, model);
        if (dice.nextBoolean() && session % 3 > 0) {
          write(disk, dice, model.disk);
        }
      }
      assertEquals(List.of(), findings(file));
      assertArrayEquals(model.disk, world(file).disk);
      assertTrue(world(file).is(model));
    }
    byte[] bytes = new byte[(int) file.size()];
    file.read(0, MemorySegment.ofArray(bytes));
    Files.write(image, bytes);
    new Qcow2Lab(folder).check(image);
  }

  private static void write(Disk disk, SplittableRandom dice, byte[] model) throws IOException {
    int offset = dice.nextInt(SIZE);
    byte[] bytes = new byte[Math.min(1 + dice.nextInt(8000), SIZE - offset)];
    java.util.Arrays.fill(bytes, (byte) dice.nextInt());
    disk.write(offset, MemorySegment.ofArray(bytes));
    System.arraycopy(bytes, 0, model, offset, bytes.length);
  }

  private static void reshape(Snapshots image, SplittableRandom dice, World model)
      throws IOException {
    List<String> ids = List.copyOf(model.kept.keySet());
    String one = ids.isEmpty() ? "" : ids.get(dice.nextInt(ids.size()));
    int choice = ids.isEmpty() ? 0 : ids.size() > 6 ? 2 : dice.nextInt(3);
    switch (choice) {
      case 0 -> model.kept.put(image.createSnapshot("s", Instant.EPOCH).id(), model.disk.clone());
      case 1 -> {
        image.applySnapshot(one);
        System.arraycopy(model.kept.get(one), 0, model.disk, 0, SIZE);
      }
      default -> {
        image.deleteSnapshot(one);
        model.kept.remove(one);
      }
    }
  }
}
