package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.cli.ExitCode;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.Snapshots;
import dev.platter.io.Access;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Snapshots that Platter and QEMU make, apply and delete in the same image, in turn; `qemu-img` is
/// the judge of each step.
class Qcow2SnapshotPeerTest {
  private static final int SIZE = 600 << 10;
  private static final Instant NOW = Instant.parse("2020-02-02T02:02:02.5Z");
  @TempDir Path folder;

  /// A snapshot and what the disk was.
  private record Kept(String id, String name, byte[] content) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=512",
        "cluster_size=1k,refcount_bits=8,lazy_refcounts=on",
        "cluster_size=4k,compat=0.10",
        "cluster_size=4k,refcount_bits=64",
        "cluster_size=16k,extended_l2=on,compression_type=zstd",
        "cluster_size=64k"
      })
  void bothWorkOnTheSameSnapshots(String options) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path parent = lab.create("parent.qcow2", "cluster_size=4k", SIZE);
    lab.disturb(parent, 9, 10, SIZE, 4096, false);
    String child = options + ",backing_file=parent.qcow2,backing_fmt=qcow2";
    Path image = lab.create("a.qcow2", child, SIZE);
    int cluster = options.contains("512") ? 512 : options.contains("k,") ? 4096 : 65536;
    var dice = new SplittableRandom(options.length());
    List<Kept> kept = new ArrayList<>();
    for (int round = 0; round < 14 || kept.isEmpty(); round++) {
      lab.disturb(image, round, 4, SIZE, cluster, true);
      boolean ours = dice.nextBoolean();
      int choice = kept.isEmpty() ? 0 : dice.nextInt(4);
      if (choice < 2) {
        Kept made = create(lab, image, "s" + round, ours);
        assertArrayEquals(made.content, lab.content(image));
        kept.add(made);
      } else {
        Kept one = kept.get(dice.nextInt(kept.size()));
        if (choice == 2) {
          apply(lab, image, one, ours);
          assertArrayEquals(one.content, lab.content(image));
        } else {
          delete(lab, image, one, ours);
          kept.remove(one);
        }
      }
      lab.check(image);
      for (Kept one : kept) {
        assertArrayEquals(one.content, lab.content(image, "-l", one.id));
        assertArrayEquals(one.content, ours(image, one.name));
      }
    }
  }

  private static Kept create(Qcow2Lab lab, Path image, String name, boolean ours)
      throws IOException {
    byte[] content = lab.content(image);
    if (!ours) {
      lab.img("snapshot", "-c", name, image);
    }
    try (Disk disk = lab.open(image, ours ? Access.WRITE : Access.READ)) {
      var snapshots = (Snapshots) disk.top();
      if (ours) {
        assertEquals(NOW, snapshots.createSnapshot(name, NOW).taken());
      }
      Snapshot last = snapshots.snapshots().getLast();
      assertEquals(name, last.name());
      assertEquals(SIZE, last.diskSize());
      return new Kept(last.id(), name, content);
    }
  }

  private static void apply(Qcow2Lab lab, Path image, Kept one, boolean ours) throws IOException {
    if (ours) {
      try (Disk disk = lab.open(image, Access.WRITE)) {
        ((Snapshots) disk.top()).applySnapshot(one.id);
      }
    } else {
      lab.img("snapshot", "-a", one.id, image);
    }
  }

  private static void delete(Qcow2Lab lab, Path image, Kept one, boolean ours) throws IOException {
    byte[] before = lab.content(image);
    if (ours) {
      try (Disk disk = lab.open(image, Access.WRITE)) {
        ((Snapshots) disk.top()).deleteSnapshot(one.id);
      }
    } else {
      lab.img("snapshot", "-d", one.name, image);
    }
    assertArrayEquals(before, lab.content(image));
  }

  private byte[] ours(Path image, String name) throws IOException {
    Path raw = folder.resolve("ours.raw");
    Cli.succeed("convert", "-O", "raw", "-l", name, image, raw);
    return Files.readAllBytes(raw);
  }

  @Test
  void aSnapshotOfAnotherSizeBringsItsSizeBack() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=512", 100 << 10);
    lab.io(image, List.of("write -P 3 90k 10k"));
    byte[] small = lab.content(image);
    lab.img("snapshot", "-c", "small", image);
    lab.img("resize", "-q", "-f", "qcow2", image, 5 << 20);
    lab.io(image, List.of("write -P 4 4M 64k"));
    byte[] large = lab.content(image);
    Cli.succeed("snapshot", "-c", "large", image);
    Cli.succeed("snapshot", "-a", "small", image);
    lab.check(image);
    assertArrayEquals(small, lab.content(image));
    Cli.succeed("snapshot", "-a", "large", image);
    lab.check(image);
    assertArrayEquals(large, lab.content(image));
    assertArrayEquals(small, ours(image, "snapshot.id=1,snapshot.name=small"));
  }

  /// QEMU refuses both too.
  @Test
  void whatNoSnapshotCanKeepIsRefused() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path split = lab.create("split.qcow2", "data_file=DIR/d.raw", SIZE);
    Cli.run("snapshot", "-c", "s", split).fails(ExitCode.UNSUPPORTED, "data file");
    for (String bits : List.of("1", "2")) {
      Path image = lab.create("few.qcow2", "cluster_size=512,refcount_bits=" + bits, SIZE);
      lab.io(image, List.of("write -P 1 0 100k"));
      int highest = (1 << Integer.parseInt(bits)) - 1;
      for (int count = 1; count < highest; count++) {
        Cli.succeed("snapshot", "-c", "s", image);
      }
      byte[] before = lab.content(image);
      Cli.run("snapshot", "-c", "s", image).fails(ExitCode.UNSUPPORTED, "cannot count");
      lab.check(image);
      assertArrayEquals(before, lab.content(image));
      assertTrue(lab.tryImg("snapshot", "-c", "s", image).status() != 0);
    }
  }

  @Test
  void bitmapsStayTrueAndKeepSnapshotsFromBeingApplied() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=4k", SIZE);
    lab.img("bitmap", "--add", image, "b");
    lab.disturb(image, 3, 10, SIZE, 4096, false);
    Cli.succeed("snapshot", "-c", "s", image);
    Cli.succeed("snapshot", "-c", "t", image);
    Cli.succeed("snapshot", "-d", "s", image);
    lab.check(image);
    assertFalse(lab.img("info", image).contains("in-use"));
    Cli.run("snapshot", "-a", "t", image).fails(ExitCode.UNSUPPORTED, "bitmaps");
    assertTrue(lab.tryImg("snapshot", "-a", "t", image).status() != 0);
  }

  @Test
  void namesAreFoundAsQemuFindsThem() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=4k", SIZE);
    lab.io(image, List.of("write -P 1 0 4k"));
    Cli.succeed("snapshot", "-c", "2", image);
    lab.io(image, List.of("write -P 2 0 4k"));
    Cli.succeed("snapshot", "--create", "x", image);
    lab.io(image, List.of("write -P 3 0 4k"));
    assertEquals(2, lab.content(image, "-l", "2")[0]);
    assertEquals(2, ours(image, "2")[0]);
    assertEquals(1, ours(image, "snapshot.name=2")[0]);
    Cli.succeed("snapshot", "-a", "2", image);
    assertEquals(2, lab.content(image)[0]);
    Cli.succeed("snapshot", "-d", "2", image);
    String left = Cli.succeed("snapshot", image);
    assertTrue(left.contains("x") && left.lines().count() == 3, left);
    assertTrue(Cli.succeed("info", image).contains(left));
    assertTrue(Cli.succeed("snapshot", "-l", "--output=json", image).contains("\"id\": \"2\""));
    Cli.run("snapshot", "-a", "no", image).fails(ExitCode.FAILED, "snapshot not found");
    Cli.run("snapshot", "-d", "no", image).fails(ExitCode.FAILED, "snapshot not found");
    Cli.run("convert", "-l", "no", image, folder.resolve("no"))
        .fails(ExitCode.FAILED, "Can't find snapshot");
    Cli.run("snapshot", "-l", "-d", "x", image).fails(ExitCode.USAGE, "Cannot mix");
  }

  @Test
  void anEncryptedImageNeedsNoKey() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path key = Files.writeString(folder.resolve("key"), "secret");
    Path image = lab.path("a.qcow2");
    String secret = "secret,id=k,file=" + key;
    String crypt = "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10";
    Cli.succeed("create", "-q", "-f", "qcow2", "--object", secret, "-o", crypt, image, SIZE);
    Cli.succeed("io", "--key-file", key, "-c", "write -P 1 0 100k", image);
    Cli.succeed("snapshot", "-c", "s", image);
    Cli.succeed("io", "--key-file", key, "-c", "write -P 2 0 100k", image);
    String opened = "driver=qcow2,encrypt.key-secret=k,file.filename=" + image;
    lab.img("check", "--object", secret, "--image-opts", opened);
    Cli.succeed("snapshot", "-a", "s", image);
    Path raw = folder.resolve("plain.raw");
    lab.img("convert", "--object", secret, "--image-opts", opened, "-O", "raw", raw);
    assertEquals(1, Files.readAllBytes(raw)[0]);
  }

  @Test
  void aDamagedSnapshotIsNotTouched() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=4k", SIZE);
    lab.disturb(image, 5, 10, SIZE, 4096, false);
    lab.img("snapshot", "-c", "s", image);
    long table = lab.word(image, 64);
    long l1 = lab.word(image, table);
    lab.patch(image, l1 + 4, (byte) 0x7f, (byte) 0xff, (byte) 0x00, (byte) 0);
    byte[] before = Files.readAllBytes(image);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      var snapshots = (Snapshots) disk.top();
      assertThrows(ImageException.Corrupt.class, () -> snapshots.deleteSnapshot("1"));
    }
    try (Disk disk = lab.open(image, Access.WRITE)) {
      var snapshots = (Snapshots) disk.top();
      assertThrows(ImageException.Corrupt.class, () -> snapshots.applySnapshot("1"));
    }
    assertArrayEquals(before, Files.readAllBytes(image));
  }
}
