package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.image.Claiming;
import dev.platter.image.Finding.Severity;
import dev.platter.image.Image;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Images damaged in many ways: Platter finds what `qemu-img check` finds, and mends it.
class Qcow2CheckTest {
  private static final long PLACE = 0x00ff_ffff_ffff_fe00L;
  private static final int VARIANTS = 6;
  @TempDir Path folder;

  /// What a check counts.
  record Counts(long corruptions, long leaks) {}

  private Qcow2Lab lab() {
    return new Qcow2Lab(folder);
  }

  private Path image(String options, boolean snapshots) throws IOException {
    Path image = lab().create("base.qcow2", options, 1 << 20);
    lab().io(image, List.of("write -P 1 0 100k", "write -P 2 300k 70k", "write -P 3 900k 3k"));
    if (snapshots) {
      lab().img("snapshot", "-c", "one", image);
      lab().io(image, List.of("write -P 9 50k 300k"));
      lab().img("snapshot", "-c", "two", image);
      lab().io(image, List.of("write -P 7 600k 20k"));
    }
    return image;
  }

  private static Image open(Path path, Access access) throws IOException {
    return open(FileStorage.open(path, access, Sharing.LOCKED), access);
  }

  private static Image open(Storage storage, Access access) throws IOException {
    return Qcow2Plans.FORMAT.open(
        storage,
        new OpenContext(
            access,
            Limits.standard(),
            (location, _) -> {
              throw new IOException(location);
            },
            Purpose.CHECK));
  }

  private static Counts ours(Path path) throws IOException {
    try (Image image = open(path, Access.READ)) {
      var claiming = (Claiming) image;
      long[] found = new long[Severity.values().length];
      claiming.findings(finding -> found[finding.severity().ordinal()]++);
      long size = Files.size(path);
      claiming.claims(claim -> found[Severity.CORRUPTION.ordinal()] += claim.end() > size ? 1 : 0);
      assertEquals(0, found[Severity.ERROR.ordinal()]);
      return new Counts(found[Severity.CORRUPTION.ordinal()], found[Severity.LEAK.ordinal()]);
    }
  }

  private Counts theirs(Path path) throws IOException {
    Peer.Outcome outcome = lab().tryImg("check", "--output=json", "-f", "qcow2", path);
    return new Counts(number(outcome.output(), "corruptions"), number(outcome.output(), "leaks"));
  }

  private static long number(String json, String field) {
    int at = json.indexOf("\"" + field + "\": ");
    return at < 0 ? 0 : Long.parseLong(json.substring(at + field.length() + 4).split("\\D")[0]);
  }

  private static void repair(Path path, Scope scope) throws IOException {
    try (Image image = open(path, Access.WRITE)) {
      ((Repairable) image).repair(scope);
      image.flush();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "cluster_size=64K;false",
        "cluster_size=512;false",
        "cluster_size=512,refcount_bits=64;true",
        "cluster_size=4K,refcount_bits=8;true",
        "cluster_size=4K,refcount_bits=2;false",
        "cluster_size=16K,extended_l2=on;true",
        "compat=0.10,cluster_size=1K;true",
      })
  void damage(String options, boolean snapshots) throws IOException {
    byte[] sound = Files.readAllBytes(image(options, snapshots));
    Path path = folder.resolve("damaged.qcow2");
    Files.write(path, sound);
    assertEquals(new Counts(0, 0), ours(path));
    for (Damage damage : Damage.values()) {
      for (int seed = 0; seed < VARIANTS; seed++) {
        Files.write(path, damaged(sound, damage, seed));
        String what = damage + " " + seed;
        assertEquals(theirs(path), ours(path), what);
        Peer.Outcome before =
            lab().tryImg("convert", "-f", "qcow2", "-O", "raw", path, folder.resolve("raw"));
        repair(path, Scope.ALL);
        assertEquals(new Counts(0, 0), ours(path), what);
        lab().check(path);
        if (damage.keepsContent && before.status() == 0) {
          assertArrayEquals(Files.readAllBytes(folder.resolve("raw")), lab().content(path), what);
        }
      }
    }
  }

  /// A kind of damage.
  private enum Damage {
    COUNT(true),
    BLOCK_LOST(true),
    BLOCK_ELSEWHERE(true),
    COPIED(true),
    BIT_OF_L2(false),
    BEHIND_THE_END(true),
    TWICE(false);

    /// Whether the disk's bytes are what they were after a repair.
    private final boolean keepsContent;

    Damage(boolean keepsContent) {
      this.keepsContent = keepsContent;
    }
  }

  private static byte[] damaged(byte[] sound, Damage damage, int seed) {
    var random = new SplittableRandom(seed);
    byte[] image = sound.clone();
    var bytes = java.nio.ByteBuffer.wrap(image);
    int table = (int) bytes.getLong(48);
    int block = (int) bytes.getLong(table);
    int entry = entry(bytes, random);
    switch (damage) {
      case COUNT -> image[block + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      case BLOCK_LOST -> bytes.putLong(table, 0);
      case BLOCK_ELSEWHERE -> bytes.putLong(table, bytes.getLong(40));
      case COPIED -> image[entry] ^= (byte) 0x80;
      case BIT_OF_L2 -> image[entry + 3 + random.nextInt(3)] ^= (byte) (1 << random.nextInt(8));
      case BEHIND_THE_END -> {
        long cluster = 1L << bytes.getInt(20);
        long end = (image.length + cluster - 1 & -cluster) + cluster * random.nextInt(3);
        bytes.putLong(entry, Long.MIN_VALUE | end);
      }
      case TWICE -> bytes.putLong(entry, bytes.getLong(entry(bytes, random)));
    }
    return image;
  }

  /// Where an entry of an L2 table is that is in use.
  private static int entry(java.nio.ByteBuffer image, SplittableRandom random) {
    int size = (image.getLong(72) & 16) != 0 && image.getInt(4) == 3 ? 16 : 8;
    int l1 = (int) image.getLong(40);
    int used = 0;
    while ((image.getLong(l1 + 8 * used) & PLACE) != 0) {
      used++;
    }
    int l2 = (int) (image.getLong(l1 + 8 * random.nextInt(used)) & PLACE);
    int entries = (1 << image.getInt(20)) / size;
    int[] found =
        java.util.stream.IntStream.range(0, entries)
            .map(index -> l2 + index * size)
            .filter(at -> (image.getLong(at) & PLACE) != 0)
            .toArray();
    return found[random.nextInt(found.length)];
  }

  /// A storage whose power fails at a change.
  private static Storage failing(Storage whole, int changes) {
    int[] left = {changes};
    return (Storage)
        Proxy.newProxyInstance(
            Storage.class.getClassLoader(),
            new Class<?>[] {Storage.class},
            (_, method, arguments) -> {
              boolean change = List.of("write", "resize", "punch").contains(method.getName());
              if (change && left[0]-- <= 0) {
                throw new IOException("power failure");
              }
              try {
                return method.invoke(whole, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @ParameterizedTest
  @EnumSource(
      value = Damage.class,
      names = {"COUNT", "BLOCK_LOST", "BLOCK_ELSEWHERE", "COPIED", "BEHIND_THE_END"})
  void aRepairThatIsCutShortIsDoneAgain(Damage damage) throws IOException {
    byte[] sound = Files.readAllBytes(image("cluster_size=4K", true));
    Path path = folder.resolve("damaged.qcow2");
    byte[] content = {};
    boolean cut = true;
    for (int changes = 0; cut; changes++) {
      Files.write(path, damaged(sound, damage, 1));
      content = changes == 0 ? lab().content(path) : content;
      cut = false;
      try (Storage file = FileStorage.open(path, Access.WRITE, Sharing.LOCKED)) {
        Image image = open(failing(file, changes), Access.WRITE);
        ((Repairable) image).repair(Scope.ALL);
      } catch (IOException e) {
        assertEquals("power failure", e.getMessage());
        cut = true;
      }
      assertArrayEquals(content, lab().content(path), damage + " after " + changes);
      repair(path, Scope.ALL);
      lab().check(path);
      assertArrayEquals(content, lab().content(path), damage + " repaired after " + changes);
    }
  }

  @Test
  void leaksAreFreed() throws IOException {
    Path path = image("cluster_size=4K", false);
    long l2 = lab().word(path, lab().word(path, 40)) & PLACE;
    lab().patch(path, l2, new byte[16]);
    byte[] before = lab().content(path);
    assertEquals(theirs(path), ours(path));
    assertEquals(new Counts(0, 2), ours(path));
    repair(path, Scope.LEAKS);
    lab().check(path);
    assertArrayEquals(before, lab().content(path));
  }

  @Test
  void marksAreClearedWhenAllIsWell() throws IOException {
    Path path = image("lazy_refcounts=on", false);
    lab().patch(path, 79, (byte) 3);
    repair(path, Scope.ALL);
    assertEquals(0, lab().word(path, 72));
    lab().check(path);
  }

  @Test
  void snapshotsThatCannotBeReadKeepTheirClusters() throws IOException {
    Path path = image("cluster_size=4K", true);
    long snapshots = lab().word(path, 64);
    byte[] before = Files.readAllBytes(path);
    byte[] table = new byte[8];
    Arrays.fill(table, (byte) 0xff);
    lab().patch(path, snapshots + 32, table);
    assertEquals(1, ours(path).corruptions());
    assertEquals(0, ours(path).leaks());
    repair(path, Scope.ALL);
    assertEquals(new Counts(1, 0), ours(path));
    lab()
        .patch(
            path,
            snapshots + 32,
            Arrays.copyOfRange(before, (int) snapshots + 32, (int) snapshots + 40));
    lab().check(path);
  }
}
