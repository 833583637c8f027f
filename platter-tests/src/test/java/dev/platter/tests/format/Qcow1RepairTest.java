package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import dev.platter.operation.Check;
import dev.platter.operation.Progress;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.FaultStorage.Call;
import dev.platter.testkit.FaultStorage.Fault;
import dev.platter.testkit.FaultStorage.Times;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged maps of QCOW images of version 1: a repair loses nothing that could be read.
class Qcow1RepairTest {
  private static final int CLUSTER = 1024;
  private static final int DISK = 200 * CLUSTER;
  private static final int TABLE_POSITION = 40;
  private static final Formats FORMATS = new Formats(BuiltInFormats.all());
  @TempDir Path folder;
  private byte[] sound;

  @BeforeEach
  void image() throws IOException {
    var lab = new TwoLevelLab(folder, "qcow");
    byte[] guest = TwoLevelLab.guest(DISK, 3);
    Map<String, String> options = Map.of("cluster_size", "1024", "table_size", "512");
    sound = Files.readAllBytes(lab.convert("image", guest, options, false));
  }

  private static FaultStorage storage(byte[] bytes) throws IOException {
    var made = new FaultStorage("image");
    made.write(0, MemorySegment.ofArray(bytes));
    made.flush();
    return made;
  }

  private static Disk open(Storage storage, Access access, Purpose purpose) throws IOException {
    DiskOptions options =
        DiskOptions.standard().access(access).format(Optional.of("qcow")).purpose(purpose);
    return new Disks(FORMATS).open(storage, options);
  }

  private static Check.Repaired repair(FaultStorage storage) throws IOException {
    try (Disk disk = open(storage, Access.WRITE, Purpose.CHECK)) {
      return Check.repair((Repairable) disk.top(), Scope.ALL, Progress.none());
    }
  }

  private static Check.Result check(Storage storage) throws IOException {
    try (Disk disk = open(storage, Access.READ, Purpose.CHECK)) {
      return Check.check((Claiming) disk.top(), Progress.none());
    }
  }

  /// Each cluster's bytes, or nothing for one that cannot be read.
  private static List<Optional<byte[]>> clusters(Storage storage) throws IOException {
    List<Optional<byte[]>> all = new ArrayList<>();
    try (Disk disk = open(storage, Access.READ, Purpose.DATA)) {
      for (int at = 0; at < DISK; at += CLUSTER) {
        byte[] bytes = new byte[CLUSTER];
        try {
          disk.read(at, MemorySegment.ofArray(bytes));
          all.add(Optional.of(bytes));
        } catch (ImageException.Corrupt _) {
          all.add(Optional.empty());
        }
      }
    }
    return all;
  }

  private static void nothingIsLost(List<Optional<byte[]>> before, List<Optional<byte[]>> after) {
    for (int cluster = 0; cluster < before.size(); cluster++) {
      if (before.get(cluster).isPresent()) {
        assertArrayEquals(
            before.get(cluster).get(), after.get(cluster).orElseThrow(), "cluster " + cluster);
      }
    }
  }

  /// Entries of both tables become what other entries are, what is beside those, what is not in the
  /// file, or anything.
  private byte[] damaged(long seed) {
    var dice = new SplittableRandom(seed);
    ByteBuffer file = ByteBuffer.wrap(sound.clone());
    int first = (int) file.getLong(TABLE_POSITION);
    int tables = (DISK / CLUSTER + 63) / 64;
    List<Integer> places = new ArrayList<>();
    for (int table = 0; table < tables; table++) {
      int at = (int) file.getLong(first + 8 * table);
      for (int entry = 0; at > 0 && entry < 64; entry++) {
        if (file.getLong(at + 8 * entry) != 0) {
          places.add(at + 8 * entry);
        }
      }
    }
    for (int turn = 0; turn < 12; turn++) {
      int at = places.get(dice.nextInt(places.size()));
      long other = file.getLong(places.get(dice.nextInt(places.size())));
      file.putLong(at, wrong(dice, other));
    }
    if (dice.nextInt(2) == 0) {
      long other = file.getLong(first + 8 * dice.nextInt(tables));
      file.putLong(first + 8 * dice.nextInt(tables), wrong(dice, other));
    }
    return file.array();
  }

  private static long wrong(SplittableRandom dice, long other) {
    return switch (dice.nextInt(6)) {
      case 0, 1 -> other;
      case 2 -> other + 512;
      case 3 -> 1L << dice.nextInt(20, 62);
      case 4 -> other + 8;
      default -> dice.nextLong() & Long.MAX_VALUE;
    };
  }

  @Test
  void randomDamageIsMendedWithoutLoss() throws IOException {
    int broken = 0;
    for (long seed = 0; seed < 150; seed++) {
      FaultStorage image = storage(damaged(seed));
      List<Optional<byte[]>> before = clusters(image);
      Check.Repaired repaired = repair(image);
      broken += repaired.before().corruptions() > 0 ? 1 : 0;
      long last = seed;
      assertEquals(0, repaired.after().corruptions(), () -> last + ": " + repaired.after());
      assertEquals(0, check(image).corruptions());
      nothingIsLost(before, clusters(image));
      assertTrue(repair(image).before().corruptions() == 0, "a second repair finds nothing");
    }
    assertTrue(broken > 100, broken + " of them were damaged");
  }

  /// What a repair leaves that any call of it ended reads as before, and can be repaired.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void aRepairMayBeCutShort(long seed) throws IOException {
    List<Optional<byte[]>> before = clusters(storage(damaged(seed)));
    var dice = new SplittableRandom(seed);
    int states = 0;
    for (int nth = 1; nth < 60; nth++) {
      FaultStorage image = storage(damaged(seed));
      image.fail(Set.of(Call.WRITE, Call.RESIZE, Call.FLUSH), nth, Fault.EIO, Times.FOR_EVER);
      boolean failed = false;
      try {
        repair(image);
      } catch (IOException _) {
        failed = true;
      }
      image.heal();
      if (!failed) {
        break;
      }
      FaultStorage after = image.crash(dice);
      nothingIsLost(before, clusters(after));
      assertEquals(0, repair(after).after().corruptions());
      nothingIsLost(before, clusters(after));
      states++;
    }
    assertTrue(states > 2, states + " states");
  }

  /// A table in the place of the first one says nothing.
  @Test
  void tablesInTheHeadAreCleared() throws IOException {
    ByteBuffer file = ByteBuffer.wrap(sound.clone());
    file.putLong((int) file.getLong(TABLE_POSITION), 512);
    file.putLong((int) file.getLong(TABLE_POSITION) + 8, 0x1234);
    FaultStorage image = storage(file.array());
    Check.Repaired repaired = repair(image);
    assertEquals(0, repaired.after().corruptions(), repaired::toString);
    assertFalse(repaired.repairs().isEmpty());
    assertTrue(
        repaired.repairs().stream()
            .map(Repairable.Repair::finding)
            .anyMatch(f -> f.severity() == Finding.Severity.CORRUPTION));
  }

  /// Room at the end is given back alone where there is damage that is to stay.
  @Test
  void leaksAloneAreGivenBack() throws IOException {
    FaultStorage image = storage(sound);
    image.resize(sound.length + 5 * CLUSTER);
    image.flush();
    try (Disk disk = open(image, Access.WRITE, Purpose.CHECK)) {
      assertEquals(1, ((Repairable) disk.top()).repair(Scope.LEAKS).size());
    }
    assertEquals(sound.length, image.size());
    assertTrue(check(image).clean());
  }
}
