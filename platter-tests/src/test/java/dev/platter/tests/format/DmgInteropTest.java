package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same content in Platter, QEMU, dmg2img and 7-Zip.
class DmgInteropTest {
  private static final long END = 0xffff_ffffL;

  @TempDir private Path folder;
  private DmgLab lab;

  @BeforeEach
  void lab() {
    lab = new DmgLab(folder);
  }

  private byte[] make(int size, String type, String chunk) throws IOException {
    byte[] content = DmgLab.content(size);
    var options = Map.of("compression_type", type, "chunk_size", chunk);
    lab.convert("x.dmg", content, options);
    assertArrayEquals(content, lab.read("x.dmg"));
    assertEquals(List.of(), lab.check("x.dmg"));
    return content;
  }

  /// QEMU 7.2 as Debian has it is built without bzip2, and has no LZMA.
  @ParameterizedTest
  @CsvSource({
    "512, zlib, 64K",
    "5000192, zlib, 64K",
    "5000192, zlib, 1M",
    "9000448, zlib, 4M",
    "512, none, 1M",
    "5000192, none, 1M"
  })
  void qemuReadsOurs(int size, String type, String chunk) throws IOException {
    Peer qemu = Peer.named("qemu-img");
    make(size, type, chunk);
    Object[] compare = {
      "compare", "-f", "raw", "-F", "dmg", lab.path("x.dmg.raw"), lab.path("x.dmg")
    };
    // in front of it stand complaints about codecs that are not installed
    assertTrue(qemu.succeed(compare).endsWith("Images are identical.\n"));
  }

  /// dmg2img 1.6.7 has no LZMA.
  @ParameterizedTest
  @CsvSource({
    "512, zlib, 64K",
    "5000192, zlib, 64K",
    "9000448, zlib, 4M",
    "5000192, bzip2, 64K",
    "5000192, bzip2, 1M",
    "5000192, none, 1M"
  })
  void dmg2imgReadsOurs(int size, String type, String chunk) throws IOException {
    Peer dmg2img = Peer.named("dmg2img");
    byte[] content = make(size, type, chunk);
    dmg2img.succeed("-s", lab.path("x.dmg"), lab.path("x.img"));
    assertArrayEquals(content, Files.readAllBytes(lab.path("x.img")));
  }

  /// 7-Zip verifies the checksums of the data fork and of block tables.
  @ParameterizedTest
  @CsvSource({
    "512, zlib, 64K",
    "5000192, zlib, 64K",
    "9000448, zlib, 4M",
    "5000192, bzip2, 64K",
    "5000192, bzip2, 1M",
    "5000192, lzma, 64K",
    "5000192, lzma, 1M",
    "5000192, none, 1M"
  })
  void sevenZipReadsOurs(int size, String type, String chunk) throws IOException {
    byte[] content = make(size, type, chunk);
    assertArrayEquals(content, sevenZip("x.dmg"));
  }

  private byte[] sevenZip(String image) throws IOException {
    Peer peer = Peer.named("7zz");
    Path target = lab.path("extracted");
    peer.succeed("x", "-tdmg", "-o" + target, lab.path(image));
    try (var files = Files.list(target)) {
      return Files.readAllBytes(files.findFirst().orElseThrow());
    }
  }

  /// What 7-Zip says of an image with one wrong bit of its data: the test above shows something.
  @Test
  void sevenZipNoticesWhatWeNotice() throws IOException {
    Peer peer = Peer.named("7zz");
    make(5000192, "none", "1M");
    lab.convert("y.dmg", DmgLab.content(5000192), Map.of());
    byte[] file = Files.readAllBytes(lab.path("y.dmg"));
    file[1000] ^= 1;
    Files.write(lab.path("y.dmg"), file);
    assertTrue(peer.run("t", "-tdmg", lab.path("y.dmg")).status() != 0);
    assertTrue(!lab.check("y.dmg").isEmpty());
  }

  /// dmg2img takes an image without data for a damaged one.
  @Test
  void emptyDisksAreRead() throws IOException {
    for (String type : List.of("zlib", "none")) {
      String name = type + ".dmg";
      lab.convert(name, new byte[3 << 20], Map.of("compression_type", type));
      assertTrue(Files.size(lab.path(name)) < 4096);
      assertArrayEquals(new byte[3 << 20], lab.read(name));
      assertEquals(List.of(), lab.check(name));
      Path raw = lab.path(type + ".raw");
      Peer.named("qemu-img").succeed("convert", "-f", "dmg", "-O", "raw", lab.path(name), raw);
      assertArrayEquals(new byte[3 << 20], Files.readAllBytes(raw));
    }
  }

  @Test
  void conversionIsTheSameForAnyNumberOfTimes() throws IOException {
    byte[] content = DmgLab.content(5000192);
    lab.convert("a.dmg", content, Map.of());
    lab.convert("b.dmg", content, Map.of());
    assertEquals(-1, Files.mismatch(lab.path("a.dmg"), lab.path("b.dmg")));
  }

  /// LZFSE and ADC, from encoders of this test; 7-Zip says whether they are right. It does not take
  /// what this test makes of entropy-coded and of plain blocks, which it says of no image of Apple.
  @ParameterizedTest
  @CsvSource({"plain, false", "lzvn, true", "lzfse, false", "adc, true"})
  void codesOfAppleAreRead(String coding, boolean known) throws IOException {
    AppleCodes.Coded coded = AppleCodes.of(coding);
    var image = new DmgBuilder();
    long type = coding.equals("adc") ? 0x8000_0004L : 0x8000_0007L;
    image
        .table("all", 0, 8 + 3)
        .chunk(type, 0, 8, coded.stored())
        .chunk(0, 8, 3, new byte[0])
        .chunk(END, 11, 0, new byte[0]);
    Files.write(lab.path("x.dmg"), image.build());
    byte[] expected = new byte[11 * 512];
    System.arraycopy(coded.plain(), 0, expected, 0, 8 * 512);
    if (known) {
      assertArrayEquals(expected, sevenZip("x.dmg"));
    }
    assertArrayEquals(expected, lab.read("x.dmg"));
    assertEquals(List.of(), lab.check("x.dmg"));
  }

  @Test
  void qemuAndWeReadResourceForks() throws IOException {
    byte[] plain = DmgLab.content(8 * 512);
    var image = new DmgBuilder().inFork();
    image.table("one", 0, 4).chunk(1, 0, 4, java.util.Arrays.copyOf(plain, 2048));
    image.table("two", 4, 4).chunk(1, 0, 4, java.util.Arrays.copyOfRange(plain, 2048, 4096));
    Files.write(lab.path("x.dmg"), image.build());
    assertArrayEquals(plain, lab.read("x.dmg"));
    assertEquals(List.of(), lab.check("x.dmg"));
    Peer.named("qemu-img")
        .succeed("convert", "-f", "dmg", "-O", "raw", lab.path("x.dmg"), lab.path("x.raw"));
    assertArrayEquals(plain, Files.readAllBytes(lab.path("x.raw")));
    try (Disk disk = lab.open("x.dmg")) {
      assertTrue(disk.top().info().specific().get("partitions").toString().contains("two"));
    }
  }
}
