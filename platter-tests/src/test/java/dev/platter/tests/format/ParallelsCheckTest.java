package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Claiming;
import dev.platter.image.Dumpable;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.io.Access;
import dev.platter.operation.Check;
import dev.platter.operation.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damage is found and mended; the format extension is kept or dropped as it wants.
class ParallelsCheckTest {
  private static final int CLUSTER = 4096;
  private static final int FIRST_ENTRY = 64;
  private static final int IN_USE = 0x746f_6e59;
  private static final int CLOSED = 0x312e_3276;
  private static final String NAME = "x.hds";
  private static final long BITMAP = 0x2038_5fae_252c_b34aL;

  @TempDir private Path folder;
  private ParallelsLab lab;
  private byte[] content;

  @BeforeEach
  void image() throws IOException {
    lab = new ParallelsLab(folder);
    content = random(8 * CLUSTER, 1);
    lab.create(NAME, content, Map.of("cluster_size", "4k"));
  }

  private Check.Result check() throws IOException {
    try (Disk disk = lab.open(NAME, Access.READ, Purpose.CHECK)) {
      return Check.check((Claiming) disk.top(), Progress.none());
    }
  }

  private Check.Repaired repair(Repairable.Scope scope) throws IOException {
    try (Disk disk = lab.open(NAME, Access.WRITE, Purpose.CHECK)) {
      return Check.repair((Repairable) disk.top(), scope, Progress.none());
    }
  }

  private String refusal() {
    return assertThrows(ImageException.class, this::overwrite).getMessage();
  }

  private void overwrite() throws IOException {
    try (Disk disk = lab.open(NAME, Access.WRITE)) {
      write(disk, 0, filled(100, 7));
    }
  }

  private byte[] disk() throws IOException {
    try (Disk disk = lab.open(NAME, Access.READ)) {
      return read(disk);
    }
  }

  @Test
  void aSoundImageIsClean() throws IOException {
    assertTrue(check().clean());
    assertEquals(8, check().allocatedUnits());
  }

  @Test
  void sharedPlacesAreCopied() throws IOException {
    lab.set(NAME, FIRST_ENTRY + 4 * 5, lab.get(NAME, FIRST_ENTRY));
    assertTrue(check().corruptions() > 0);
    assertTrue(refusal().contains("cluster 5"), refusal());
    assertEquals(CLOSED, lab.get(NAME, 44), "a refusal leaves no mark");
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    System.arraycopy(content, 0, content, 5 * CLUSTER, CLUSTER);
    assertArrayEquals(content, disk());
    overwrite();
    Arrays.fill(content, 0, 100, (byte) 7);
    assertArrayEquals(content, disk());
  }

  @Test
  void entriesOutsideAreCleared() throws IOException {
    lab.set(NAME, FIRST_ENTRY + 4 * 2, 5000);
    lab.set(NAME, FIRST_ENTRY + 4 * 3, -1);
    assertEquals(2, check().findings().stream().filter(f -> f.what().contains("behind")).count());
    assertThrows(ImageException.Corrupt.class, this::disk);
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    Arrays.fill(content, 2 * CLUSTER, 4 * CLUSTER, (byte) 0);
    assertArrayEquals(content, disk());
  }

  @Test
  void theTailIsALeak() throws IOException {
    long size = Files.size(lab.path(NAME));
    Files.write(
        lab.path(NAME), Arrays.copyOf(Files.readAllBytes(lab.path(NAME)), (int) size + 9000));
    assertEquals(1, check().leaks());
    assertEquals(0, check().corruptions());
    assertTrue(repair(Repairable.Scope.LEAKS).after().clean());
    assertEquals(size, Files.size(lab.path(NAME)));
    assertArrayEquals(content, disk());
  }

  @Test
  void anImageThatWasNotClosedIsReadAndClosed() throws IOException {
    lab.set(NAME, 44, IN_USE);
    assertArrayEquals(content, disk());
    try (Disk disk = lab.open(NAME, Access.READ)) {
      assertTrue(disk.top().info().dirty());
    }
    assertEquals(1, check().corruptions());
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    assertEquals(CLOSED, lab.get(NAME, 44));
  }

  @Test
  void statesAndFlagsThatCannotBeAreRefused() throws IOException {
    lab.set(NAME, 44, 77);
    assertThrows(ImageException.Corrupt.class, this::disk);
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    lab.set(NAME, 52, 1);
    assertThrows(ImageException.Corrupt.class, this::disk);
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    assertArrayEquals(content, disk());
  }

  @Test
  void headersThatCannotBeAreRefused() throws IOException {
    byte[] sound = Files.readAllBytes(lab.path(NAME));
    int[][] changes = {{16, 3}, {28, 0}, {28, -1}, {32, 7}, {32, -1}, {40, -1}, {48, 0}, {48, 9}};
    for (int[] change : changes) {
      Files.write(lab.path(NAME), sound);
      lab.set(NAME, change[0], change[1]);
      assertThrows(ImageException.class, this::disk, "field at " + change[0]);
    }
  }

  /// Adds a cluster with sections, and one that the first section's bitmap names.
  private void extend(long... magicsAndFlags) throws IOException {
    byte[] file = Files.readAllBytes(lab.path(NAME));
    int position = file.length;
    var bytes = ByteBuffer.allocate(file.length + 2 * CLUSTER).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(file).putLong(0xab23_4cef_23dc_ea87L).position(position + 24);
    for (int i = 0; i < magicsAndFlags.length; i += 2) {
      bytes.putLong(magicsAndFlags[i]).putLong(magicsAndFlags[i + 1]).putInt(40).putInt(0);
      bytes.putLong(content.length / 512).putLong(1).putLong(2).putInt(8).putInt(1);
      bytes.putLong((position + CLUSTER) / 512);
    }
    bytes.putLong(56, position / 512);
    seal(bytes, position);
    Files.write(lab.path(NAME), bytes.array());
  }

  private static void seal(ByteBuffer bytes, int position) {
    try {
      var digest = MessageDigest.getInstance("MD5");
      digest.update(bytes.array(), position + 24, CLUSTER - 24);
      bytes.put(position + 8, digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> dumped() throws IOException {
    var names = new ArrayList<String>();
    try (Disk disk = lab.open(NAME, Access.READ, Purpose.INFO)) {
      ((Dumpable) disk.top())
          .dump(
              new Dumpable.Dump() {
                @Override
                public void begin(String name, long position, long length) {
                  names.add(name);
                }

                @Override
                public void field(
                    String name, long position, int length, Object value, String note) {
                  assertFalse(name.isBlank());
                }

                @Override
                public void end() {
                  assertFalse(names.isEmpty());
                }
              });
    }
    return names;
  }

  @Test
  void bitmapsAreClaimedAndDroppedByAWrite() throws IOException {
    extend(BITMAP, 0);
    byte[] before = Files.readAllBytes(lab.path(NAME));
    assertTrue(check().clean());
    assertTrue(dumped().containsAll(List.of("format extension", "section", "bitmap")));
    try (Disk disk = lab.open(NAME, Access.WRITE)) {
      assertArrayEquals(content, read(disk));
      assertEquals(List.of("dirty bitmap"), disk.top().info().specific().get("extensions"));
    }
    assertArrayEquals(before, Files.readAllBytes(lab.path(NAME)), "untouched");
    overwrite();
    assertEquals(0, lab.get(NAME, 56));
    assertTrue(check().clean());
    assertEquals(before.length - 2 * CLUSTER, Files.size(lab.path(NAME)));
  }

  @Test
  void sectionsThatForbidChangesForbidThem() throws IOException {
    extend(0x1234, 1);
    assertTrue(refusal().contains("0x1234"), refusal());
    assertArrayEquals(content, disk());
  }

  @Test
  void sectionsThatStayOutliveAWrite() throws IOException {
    extend(BITMAP, 0, 0x1234, 2, 0x77, 0);
    try (Disk disk = lab.open(NAME, Access.WRITE)) {
      disk.discard(0, CLUSTER);
      disk.flush();
      write(disk, 0, filled(CLUSTER, 3));
    }
    Arrays.fill(content, 0, CLUSTER, (byte) 3);
    assertArrayEquals(content, disk());
    assertTrue(check().clean());
    try (Disk disk = lab.open(NAME, Access.READ)) {
      assertEquals(List.of("0x1234 (not known)"), disk.top().info().specific().get("extensions"));
    }
  }

  @Test
  void aDamagedExtensionForbidsChangesUntilItIsRemoved() throws IOException {
    extend(BITMAP, 0);
    int position = lab.get(NAME, 56) * 512;
    lab.set(NAME, position + 100, 1);
    assertTrue(refusal().contains("checksum"), refusal());
    assertEquals(1, check().corruptions());
    assertTrue(repair(Repairable.Scope.ALL).after().clean());
    overwrite();
    assertEquals(0, lab.get(NAME, 56));
  }

  @Test
  void damageUnderAFreshChecksumIsRefusedOrHarmless() throws IOException {
    extend(BITMAP, 0, 0x1234, 2);
    byte[] sound = Files.readAllBytes(lab.path(NAME));
    int position = lab.get(NAME, 56) * 512;
    for (int at = 24; at < 24 + 2 * 64 + 24; at++) {
      for (int value : new int[] {0, 1, 0x80, 0xff}) {
        var damaged = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        damaged.put(position + at, (byte) value);
        seal(damaged, position);
        Files.write(lab.path(NAME), damaged.array());
        try {
          assertFalse(dumped().isEmpty());
          assertEquals(8, check().allocatedUnits());
          overwrite();
        } catch (IOException e) {
          assertEquals(1, e.getMessage().lines().count(), "byte " + at);
        }
        repair(Repairable.Scope.ALL);
        assertEquals(content[200], disk()[200], "byte " + at);
      }
    }
  }

  @Test
  void anExtensionThatAnOldProgramPassedOverIsNotBelieved() throws IOException {
    extend(0x1234, 1);
    lab.set(NAME, 44, 0);
    assertEquals(0, check().corruptions());
    assertTrue(check().leaks() > 0);
    overwrite();
    assertTrue(check().clean());
  }
}
