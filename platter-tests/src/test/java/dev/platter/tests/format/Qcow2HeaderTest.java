package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the header says: features, extensions, names, marks.
class Qcow2HeaderTest {
  private static final int INCOMPATIBLE = 72;
  private static final int COMPATIBLE = 80;
  private static final int AUTOCLEAR = 88;
  @TempDir Path folder;
  private Qcow2Lab lab;

  @BeforeEach
  void start() {
    lab = new Qcow2Lab(folder);
  }

  private static byte[] word(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private static byte[] half(long value) {
    return ByteBuffer.allocate(4).putInt((int) value).array();
  }

  private void write(Path image, long offset, int value) throws IOException {
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(offset, MemorySegment.ofArray(new byte[] {(byte) value}));
    }
  }

  private ImageInfo info(Path image) throws IOException {
    try (Disk disk =
        Qcow2Lab.disks().open(image, lab.options().withoutParents().purpose(Purpose.INFO))) {
      return disk.top().info();
    }
  }

  @Test
  void anUnknownIncompatibleFeatureIsRefusedByItsName() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.patch(image, INCOMPATIBLE, word(1L << 40 | 1L << 41));
    // the first entry of the feature name table gets another bit and name
    long table = featureTable(image);
    lab.patch(image, table, (byte) 0, (byte) 40);
    lab.patch(
        image, table + 2, Arrays.copyOf("time travel".getBytes(StandardCharsets.US_ASCII), 46));
    var refused =
        assertThrows(ImageException.Unsupported.class, () -> lab.open(image, Access.READ).close());
    assertTrue(
        refused.getMessage().contains("'time travel' (bit 40), bit 41"), refused.getMessage());
    assertEquals(
        "'time travel' (bit 40), bit 41", info(image).specific().get("unknown-incompatible"));
  }

  private static long featureTable(Path image) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    int at = ByteBuffer.wrap(bytes).getInt(100);
    while (ByteBuffer.wrap(bytes).getInt(at) != 0x6803f857) {
      at += 8 + (ByteBuffer.wrap(bytes).getInt(at + 4) + 7 & -8);
    }
    return at + 8;
  }

  @Test
  void whatIsNotKnownIsKept() throws IOException {
    Path parent = lab.create("p.qcow2", "", 1 << 20);
    Path image = lab.create("a.qcow2", "backing_file=DIR/p.qcow2,backing_fmt=qcow2", 1 << 20);
    assertTrue(Files.exists(parent));
    byte[] head = Arrays.copyOf(Files.readAllBytes(image), 65536);
    int end = ByteBuffer.wrap(head).getInt(100);
    while (ByteBuffer.wrap(head).getInt(end) != 0) {
      end += 8 + (ByteBuffer.wrap(head).getInt(end + 4) + 7 & -8);
    }
    int nameAt = (int) ByteBuffer.wrap(head).getLong(8);
    int nameLength = ByteBuffer.wrap(head).getInt(16);
    byte[] name = Arrays.copyOfRange(head, nameAt, nameAt + nameLength);
    var extension = ByteBuffer.allocate(24 + 8 + name.length);
    extension
        .putInt(0x12345678)
        .putInt(13)
        .put("unknown stuff".getBytes(StandardCharsets.US_ASCII));
    extension.position(32).put(name);
    lab.patch(image, end, extension.array());
    lab.patch(image, 8, word(end + 32L));
    lab.patch(image, COMPATIBLE, word(1L << 50));
    lab.patch(image, AUTOCLEAR, word(1L << 60));
    byte[] before = Arrays.copyOf(Files.readAllBytes(image), 65536);
    write(image, 0, 1);
    byte[] after = Arrays.copyOf(Files.readAllBytes(image), 65536);
    assertEquals(0, lab.word(image, AUTOCLEAR), "an unknown autoclear bit is cleared");
    Arrays.fill(before, AUTOCLEAR, AUTOCLEAR + 8, (byte) 0);
    assertArrayEquals(before, after);
  }

  @Test
  void readingChangesNothing() throws IOException {
    Path image = lab.create("a.qcow2", "lazy_refcounts=on", 1 << 20);
    lab.patch(image, AUTOCLEAR, word(1L << 60));
    byte[] before = Files.readAllBytes(image);
    lab.read(image);
    lab.open(image, Access.WRITE).close();
    assertArrayEquals(before, Files.readAllBytes(image));
  }

  @Test
  void aBitmapThatFollowsWritesIsMarkedAndOneThatDoesNotIsKept() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.img("bitmap", "--add", "-g", "64k", image, "follows");
    lab.img("bitmap", "--add", "-g", "128k", "--disable", image, "rests");
    write(image, 1000, 1);
    lab.check(image);
    assertEquals(
        List.of(
            Map.of("flags", List.of("in-use", "auto"), "name", "follows", "granularity", 65536L),
            Map.of("flags", List.of(), "name", "rests", "granularity", 131072L)),
        info(image).specific().get("bitmaps"));
    String seen = lab.img("info", "--output=json", image);
    assertTrue(seen.contains("in-use") && seen.contains("rests"), seen);
  }

  @Test
  void aCorruptImageIsReadAndNotWritten() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.patch(image, INCOMPATIBLE, word(2));
    assertEquals(1 << 20, lab.read(image).length);
    var refused = assertThrows(ReadOnlyException.class, () -> write(image, 0, 1));
    assertTrue(refused.getMessage().contains("corrupt"), refused.getMessage());
    assertTrue(info(image).corrupt());
  }

  @Test
  void aDirtyImageIsRepairedBeforeItIsWritten() throws IOException {
    Path image = lab.create("a.qcow2", "lazy_refcounts=on", 1 << 20);
    lab.io(image, List.of("write -P 1 0 256k", "flush", "sigraise 9"));
    assertEquals(1, lab.word(image, INCOMPATIBLE), "killed before it was closed");
    byte[] content = lab.read(image);
    assertEquals(1, content[0]);
    write(image, 1 << 19, 2);
    content[1 << 19] = 2;
    lab.check(image);
    assertArrayEquals(content, lab.content(image));
    assertEquals(0, lab.word(image, INCOMPATIBLE));
  }

  @Test
  void lazyCountsAreMarkedWhileTheyAreLate() throws IOException {
    Path image = lab.create("a.qcow2", "lazy_refcounts=on", 1 << 20);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(0, MemorySegment.ofArray(new byte[] {1}));
      disk.flush();
      assertEquals(1, lab.word(image, INCOMPATIBLE));
    }
    assertEquals(0, lab.word(image, INCOMPATIBLE));
    lab.check(image);
  }

  @Test
  void encryptedImagesAreDescribedAndRefused() throws IOException {
    for (int method = 1; method <= 2; method++) {
      Path image = lab.create("a.qcow2", "", 1 << 20);
      lab.patch(image, 32, half(method));
      assertTrue(info(image).encrypted());
      assertEquals(
          Map.of("format", method == 1 ? "aes" : "luks"), info(image).specific().get("encrypt"));
      // a LUKS header that nothing points to cannot be there
      Class<? extends ImageException> refusal =
          method == 1 ? ImageException.Locked.class : ImageException.Corrupt.class;
      assertThrows(refusal, () -> lab.open(image, Access.READ).close());
    }
  }

  @Test
  void aDataFileIsAFileNameAndNothingElse() throws IOException {
    for (String name :
        List.of("json:{\"driver\":\"null-co\"}", "nbd:localhost:10809", "file:x.raw")) {
      Path image = lab.create("a.qcow2", "data_file=DIR/" + "x".repeat(60), 1 << 20);
      setDataFile(image, name);
      var refused =
          assertThrows(ImageException.OutOfReach.class, () -> lab.open(image, Access.READ).close());
      assertTrue(refused.getMessage().contains(name), refused.getMessage());
      assertEquals(name, info(image).specific().get("data-file"));
    }
  }

  @Test
  void aDataFileIsFollowedOnlyThroughTheReach() throws IOException {
    Path image = lab.create("a.qcow2", "data_file=DIR/data.raw", 1 << 20);
    lab.io(image, List.of("write -P 7 0 64k"));
    assertThrows(
        ImageException.OutOfReach.class,
        () -> Qcow2Lab.disks().open(image, dev.platter.DiskOptions.standard()).close());
    assertEquals(7, lab.read(image)[0]);
    setDataFile(image, "data.raw");
    assertEquals(7, lab.read(image)[0]);
    setDataFile(image, "a.qcow2");
    assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
    Path other = lab.create("b.qcow2", "data_file=DIR/missing.raw", 1 << 20);
    Files.delete(lab.path("missing.raw"));
    setDataFile(other, "missing.raw");
    assertThrows(IOException.class, () -> lab.read(other));
    assertEquals("missing.raw", info(other).specific().get("data-file"));
  }

  private void setDataFile(Path image, String name) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    int at = ByteBuffer.wrap(bytes).getInt(100);
    while (ByteBuffer.wrap(bytes).getInt(at) != 0x44415441) {
      at += 8 + (ByteBuffer.wrap(bytes).getInt(at + 4) + 7 & -8);
    }
    int room = ByteBuffer.wrap(bytes).getInt(at + 4) + 7 & -8;
    byte[] data = Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), room);
    // the rest becomes an unknown extension, so that what follows stays where it is
    int used = name.length() + 7 & -8;
    if (room - used >= 8) {
      ByteBuffer.wrap(data).putInt(used, 0x77777777).putInt(used + 4, room - used - 8);
    }
    lab.patch(image, at + 4, half(name.length()));
    lab.patch(image, at + 8, data);
  }

  @Test
  void aFlaggedCompressionTypeMustBeThere() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.patch(image, 104, (byte) 1);
    assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
    lab.patch(image, 104, (byte) 9);
    lab.patch(image, INCOMPATIBLE, word(8));
    assertThrows(ImageException.Unsupported.class, () -> lab.read(image));
    assertFalse(info(image).dirty());
  }

  @Test
  void impossibleFieldsAreRefusedInASentence() throws IOException {
    Map<Integer, byte[]> fields =
        Map.ofEntries(
            Map.entry(20, half(8)),
            Map.entry(21, half(0xff)),
            Map.entry(24, word(Long.MIN_VALUE)),
            Map.entry(36, half(-1)),
            Map.entry(40, word(12345)),
            Map.entry(48, word(12345)),
            Map.entry(56, half(-1)),
            Map.entry(60, half(-1)),
            Map.entry(8, word(70000)),
            Map.entry(96, half(7)),
            Map.entry(100, half(103)),
            Map.entry(101, half(0x7fffff)),
            Map.entry(116, half(-8)));
    for (Map.Entry<Integer, byte[]> field : fields.entrySet()) {
      Path image = lab.create("a.qcow2", "", 1 << 20);
      lab.patch(image, field.getKey(), field.getValue());
      if (field.getKey() == 8) {
        lab.patch(image, 16, half(10));
      }
      var refused =
          assertThrows(
              ImageException.class,
              () -> lab.open(image, Access.READ).close(),
              () -> "field at " + field.getKey());
      assertFalse(refused.getMessage().contains("\n"));
    }
  }

  @Test
  void snapshotsAreListed() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.img("snapshot", "-c", "größe", image);
    ImageInfo.Snapshot snapshot = info(image).snapshots().getFirst();
    assertEquals("größe", snapshot.name());
    assertEquals("1", snapshot.id());
    assertEquals(1 << 20, snapshot.diskSize());
    assertTrue(snapshot.taken().isAfter(java.time.Instant.parse("2020-01-01T00:00:00Z")));
  }
}
