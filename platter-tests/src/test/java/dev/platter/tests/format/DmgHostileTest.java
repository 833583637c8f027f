package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.MemoryStorage;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Variant;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that are wrong, by accident or on purpose.
class DmgHostileTest {
  private static final long ZLIB = 0x8000_0005L;

  @TempDir private Path folder;
  private DmgLab lab;

  @BeforeEach
  void lab() {
    lab = new DmgLab(folder);
  }

  private static byte[] zlib(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes);
    }
    return out.toByteArray();
  }

  private static DmgBuilder sound() throws IOException {
    var image = new DmgBuilder();
    image
        .table("one", 0, 8)
        .chunk(ZLIB, 0, 4, zlib(new byte[4 * 512]))
        .chunk(1, 4, 2, new byte[1024])
        .chunk(2, 6, 2, 0, 0)
        .chunk(0xffff_ffffL, 8, 0, 0, 0);
    return image;
  }

  /// The image is refused with a sentence that has these words.
  private void refused(byte[] image, Class<? extends IOException> with, String words)
      throws IOException {
    Files.write(lab.path("x.dmg"), image);
    var refusal = assertThrows(with, () -> lab.read("x.dmg"));
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
  }

  private void refused(DmgBuilder image, String words) throws IOException {
    refused(image.build(), ImageException.Corrupt.class, words);
  }

  @Test
  void theSoundOneIsRead() throws IOException {
    Files.write(lab.path("x.dmg"), sound().build());
    assertArrayEquals(new byte[4096], lab.read("x.dmg"));
    assertEquals(List.of(), lab.check("x.dmg"));
  }

  @Test
  void theTrailerMayBeInFront() throws IOException {
    byte[] image = sound().build();
    int end = image.length - DmgBuilder.TRAILER;
    ByteBuffer turned = ByteBuffer.allocate(image.length);
    turned.put(image, end, DmgBuilder.TRAILER).put(image, 0, end);
    turned.putLong(24, 512).putLong(216, turned.getLong(216) + 512);
    Files.write(lab.path("x.dmg"), turned.array());
    assertArrayEquals(new byte[4096], lab.read("x.dmg"));
    assertEquals(List.of(), lab.check("x.dmg"));
  }

  @ParameterizedTest
  @ValueSource(ints = {24, 32, 40, 48, 216, 224, 296, 304})
  void placesOutsideOfTheFileAreRefused(int field) throws IOException {
    for (long value : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
      refused(sound().trailer(t -> t.putLong(field, value)), "");
    }
  }

  @Test
  void trailersOfOtherKindsAreTold() throws IOException {
    refused(sound().trailer(t -> t.putInt(4, 5)), "version 5");
    refused(sound().trailer(t -> t.putInt(8, 511)), "511");
    refused(
        sound().trailer(t -> t.putInt(60, 2)).build(),
        ImageException.Unsupported.class,
        "2 segments");
    refused(sound().trailer(t -> t.putLong(224, 0)), "neither");
    refused(sound().trailer(t -> t.putLong(492, -1)), "sectors");
    refused(sound().trailer(t -> t.putLong(492, 1L << 55)), "sectors");
    refused(sound().trailer(t -> t.putLong(492, 7)), "the trailer says");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE plist [<!ENTITY a \"aaaaaaaaaa\">]>",
        "<!DOCTYPE plist SYSTEM \"file:///etc/passwd\" [ <!ENTITY % b SYSTEM \"c\"> ]>",
        "<!ENTITY a \"b\">",
        "<!DOCTYPE plist><!DOCTYPE plist>"
      })
  void declarationsAreRefused(String declaration) throws IOException {
    refused(plist(text -> text.replaceFirst("<!DOCTYPE[^>]*>", declaration)), "property list has");
  }

  private static DmgBuilder plist(UnaryOperator<String> change) throws IOException {
    return sound().plist(change);
  }

  @Test
  void propertyListsThatAreNoneAreRefused() throws IOException {
    refused(plist(t -> t.replace("0x0050", "&a;")), "an entity");
    refused(plist(t -> t.replace("0x0050", "&#x41;")), "an entity");
    refused(plist(t -> t.replace("0x0050", "<![CDATA[x]]>")), "property list has");
    refused(plist(t -> t.replace("</plist>", "")), "property list has");
    refused(plist(t -> t + "<plist/>"), "behind its end");
    refused(plist(t -> t.replace("bWlz", "bW!z")), "not base64");
    refused(plist(t -> t.replace("bWlz", "bWl")), "not base64");
    refused(plist(t -> t.replace("bWlz", "bW==")), "not base64");
    refused(plist(t -> t.replace("blkx", "blky")), "no block tables");
    refused(plist(t -> t.replace("<key>Data", "<key>Date")), "without data");
    refused(plist(t -> t.replace("<key>ID", "<key>Name")), "twice");
    refused(plist(t -> "\ufeff" + t.replace("dict>", "dick>")), "element");
    byte[] nested =
        plist(t -> t.replace("<string>0x0050</string>", "<array>".repeat(100_000))).build();
    refused(nested, ImageException.LimitExceeded.class, "nested");
    byte[] many =
        plist(t -> t.replace("<string>0x0050", "<array>" + "<true/>".repeat(70_000))).build();
    refused(many, ImageException.LimitExceeded.class, "too many");
  }

  private void wrongHead(Consumer<ByteBuffer> change, String words) throws IOException {
    var image = new DmgBuilder();
    image.table("one", 0, 8).chunk(1, 0, 8, new byte[4096]).head(change);
    refused(image.trailer(t -> t.putLong(492, 8)).build(), IOException.class, words);
  }

  @Test
  void wrongTablesAreRefused() throws IOException {
    wrongHead(h -> h.putInt(0, 7), "starts with");
    wrongHead(h -> h.putInt(4, 2), "version 2");
    wrongHead(h -> h.putInt(200, 2), "room for 1");
    wrongHead(h -> h.putInt(200, -1), "room for 1");
    wrongHead(h -> h.putLong(8, -1), "sectors from");
    wrongHead(h -> h.putLong(16, Long.MAX_VALUE), "sectors from");
    wrongHead(h -> h.putLong(8, 1), "the trailer says");
    wrongHead(h -> h.putLong(24, -1), "has its data at");
    wrongHead(h -> h.putLong(24, Long.MAX_VALUE), "file ends at");
    var image = new DmgBuilder();
    image.table("short", 0, 8);
    refused(
        image.plist(t -> t.replaceFirst("<data>[^<]*", "<data>bWlzaA==")), "too few for a head");
  }

  private void wrongChunk(long type, long first, long sectors, long offset, long length, String why)
      throws IOException {
    var image = new DmgBuilder();
    image
        .table("one", 0, 1L << 20)
        .chunk(1, 0, 2, new byte[1024])
        .chunk(type, first, sectors, offset, length);
    refused(image.build(), ImageException.class, why);
  }

  @Test
  void wrongChunksAreRefused() throws IOException {
    wrongChunk(3, 2, 2, 0, 1024, "not known");
    wrongChunk(1, 1, 2, 0, 1024, "between 2");
    wrongChunk(1, -1, 2, 0, 1024, "between 2");
    wrongChunk(1, 2, -1, 0, 1024, "between 2");
    wrongChunk(1, 1 << 20, 1, 0, 512, "between 2");
    wrongChunk(1, 2, 2, 0, 1023, "as they are");
    wrongChunk(1, 2, 2, 1 << 30, 1024, "the file ends");
    wrongChunk(1, 2, 2, -1, 1024, "the file ends");
    wrongChunk(ZLIB, 2, 2, 0, 1 << 20, "the file ends");
    wrongChunk(ZLIB, 2, 2, 0, -1, "is over the limit");
    wrongChunk(ZLIB, 2, (1 << 17) + 1, 0, 100, "is over the limit");
    wrongChunk(ZLIB, 2, 2, 0, 1024, "does not decode");
  }

  @Test
  void twoTablesForTheSameSectorsAreRefused() throws IOException {
    var image = new DmgBuilder();
    image.table("one", 0, 8).chunk(0, 0, 8, 0, 0);
    image.table("two", 7, 8).chunk(0, 0, 8, 0, 0);
    refused(image, "sector 7");
  }

  /// A stream that has more or less than its sectors, whatever it is.
  @Test
  void unitsOfOtherSizesAreRefused() throws IOException {
    for (int size : new int[] {1023, 1025, 1536, 0, 10_000_000}) {
      var image = new DmgBuilder();
      image.table("one", 0, 2).chunk(ZLIB, 0, 2, zlib(new byte[size]));
      refused(image, "does not decode to 1024 bytes as zlib");
      Files.write(lab.path("x.dmg"), image.build());
    }
  }

  @Test
  void wrongForksAreRefused() throws IOException {
    var image = new DmgBuilder().inFork();
    image.table("one", 0, 2).chunk(1, 0, 2, new byte[1024]);
    byte[] right = image.build();
    for (int at : new int[] {0, 4}) {
      for (int value : new int[] {-1, Integer.MAX_VALUE, 1 << 16}) {
        byte[] wrong = right.clone();
        ByteBuffer.wrap(wrong).putInt(1024 + at, value);
        refused(wrong, ImageException.Corrupt.class, "resource fork");
      }
    }
  }

  @Test
  void encryptedImagesAreTold() throws IOException {
    byte[] file = new byte[4096];
    System.arraycopy("encrcdsa".getBytes(StandardCharsets.US_ASCII), 0, file, 0, 8);
    refused(file, ImageException.Unsupported.class, "encrypted");
  }

  @Test
  void probesTellWhatIsBroken() throws IOException {
    var storage = new MemoryStorage("x");
    storage.write(0, MemorySegment.ofArray(sound().trailer(t -> t.putInt(4, 9)).build()));
    assertInstanceOf(Probe.Broken.class, DmgLab.FORMAT.probe(storage));
    storage.write(0, MemorySegment.ofArray(sound().build()));
    assertInstanceOf(Probe.Mine.class, DmgLab.FORMAT.probe(storage));
  }

  @Test
  void imagesAreNeverChanged() throws IOException {
    lab.convert("x.dmg", DmgLab.content(100_352), Map.of("compression_type", "none"));
    byte[] before = Files.readAllBytes(lab.path("x.dmg"));
    var options = dev.platter.DiskOptions.standard().writable();
    try (Disk disk = new dev.platter.Disks(DmgLab.FORMATS).open(lab.path("x.dmg"), options)) {
      var one = MemorySegment.ofArray(new byte[] {1});
      assertThrows(ReadOnlyException.class, () -> disk.write(0, one));
    }
    assertArrayEquals(before, Files.readAllBytes(lab.path("x.dmg")));
  }

  @Test
  void wrongChecksumsAreFound() throws IOException {
    lab.convert("x.dmg", DmgLab.content(2_000_384), Map.of());
    byte[] file = Files.readAllBytes(lab.path("x.dmg"));
    for (int at : new int[] {88, 360}) {
      byte[] wrong = file.clone();
      wrong[wrong.length - DmgBuilder.TRAILER + at] ^= 1;
      Files.write(lab.path("y.dmg"), wrong);
      List<Finding> findings = lab.check("y.dmg");
      assertEquals(1, findings.size());
      assertTrue(findings.getFirst().what().contains("checksum"), findings::toString);
    }
  }

  /// What cannot be made is refused in words.
  @Test
  void optionsAreChecked() {
    for (var options :
        List.of(
            Map.of("chunk_size", "3000"),
            Map.of("chunk_size", "128M"),
            Map.of("chunk_size", "1K"),
            Map.of("compression_type", "lzfse"))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> lab.convert("z.dmg", new byte[4096], options),
          options::toString);
    }
  }

  /// Every changed bit of a compressed image is noticed when it is checked, if it changes anything.
  @ParameterizedTest
  @ValueSource(strings = {"zlib", "bzip2", "lzma"})
  void flippedBitsAreNoticed(String type) throws IOException {
    byte[] content = Arrays.copyOf(DmgLab.content(300_000), 40_960);
    lab.convert("x.dmg", content, Map.of("compression_type", type, "chunk_size", "8K"));
    byte[] file = Files.readAllBytes(lab.path("x.dmg"));
    var packed = new Lab();
    var image = new FaultStorage("x.dmg");
    image.write(0, MemorySegment.ofArray(file));
    packed.add(Variant.of(DmgLab.FORMAT, Map.of()), image);
    assertEquals(List.of(), new Mutants(packed, "x.dmg").flipBits(1500).silent());
    assertEquals(List.of(), new Mutants(packed, "x.dmg").truncate(512).silent());
  }
}
