package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.format.cloop.CloopFormat;
import dev.platter.image.ImageException;
import dev.platter.image.ReadOnlyException;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Variant;
import dev.platter.tests.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed loop images: those of cloop's own program, and some made by hand, which QEMU reads
/// too.
class CloopTest {
  private static final String SCRIPT =
      "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n";
  private static final int TABLE = 136;
  private static final int BLOCK = 1536;

  @TempDir private Path folder;
  private OpticalLab lab;

  @BeforeEach
  void lab() {
    lab = new OpticalLab(folder);
  }

  private static byte[] content(int blocks) {
    byte[] content = new byte[blocks * BLOCK];
    for (int block = 0; block < blocks; block += 3) {
      System.arraycopy(VdiImages.random(BLOCK, block), 0, content, block * BLOCK, BLOCK);
      content[Math.min((block + 1) * BLOCK + 5, content.length - 1)] = 7;
    }
    return content;
  }

  private static byte[] image(byte[] content) {
    int blocks = content.length / BLOCK;
    var table = ByteBuffer.allocate(TABLE + 8 * (blocks + 1));
    table.put(0, SCRIPT.getBytes(StandardCharsets.US_ASCII));
    table.putInt(128, BLOCK).putInt(132, blocks);
    var data = new ByteArrayOutputStream();
    for (int block = 0; block < blocks; block++) {
      table.putLong(TABLE + 8 * block, table.capacity() + data.size());
      var deflater = new Deflater();
      deflater.setInput(content, block * BLOCK, BLOCK);
      deflater.finish();
      byte[] stored = new byte[2 * BLOCK];
      data.write(stored, 0, deflater.deflate(stored));
      deflater.end();
    }
    table.putLong(TABLE + 8 * blocks, table.capacity() + data.size());
    return OpticalLab.join(table.array(), data.toByteArray());
  }

  private byte[] qemu(String name) throws IOException {
    Path raw = lab.path("theirs.raw");
    Peer.named("qemu-img").succeed("convert", "-f", "cloop", "-O", "raw", lab.path(name), raw);
    return Files.readAllBytes(raw);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 40})
  void blocksOfAnySizeAreReadAsQemuReadsThem(int blocks) throws IOException {
    byte[] content = content(blocks);
    lab.write("x.cloop", image(content));
    assertEquals("cloop", lab.probe("x.cloop"));
    assertArrayEquals(content, qemu("x.cloop"));
    assertArrayEquals(content, lab.read("x.cloop"));
    assertEquals(0, lab.check("x.cloop").size());
    var writable = OpticalLab.options().writable();
    assertThrows(ReadOnlyException.class, () -> lab.open("x.cloop", writable));
  }

  @ParameterizedTest
  @ValueSource(ints = {65536, 131072, 512})
  void anImageOfCloopIsRead(int blockSize) throws IOException {
    byte[] content = new byte[1 << 20];
    System.arraycopy(VdiImages.random(400_000, 1), 0, content, 100_000, 400_000);
    lab.write("x.raw", content);
    Peer.named("create_compressed_fs")
        .succeed("-q", "-B", blockSize, lab.path("x.raw"), lab.path("x.cloop"));
    assertArrayEquals(content, qemu("x.cloop"));
    Cli.succeed("convert", "-O", "raw", lab.path("x.cloop"), lab.path("ours.raw"));
    assertArrayEquals(content, Files.readAllBytes(lab.path("ours.raw")));
    assertEquals(0, lab.check("x.cloop").size());
    String info = Cli.succeed("info", lab.path("x.cloop"));
    assertTrue(info.contains("cluster_size: " + blockSize), info);
    assertTrue(Cli.succeed("dump", lab.path("x.cloop")).contains("block 0"));
  }

  @ParameterizedTest
  @CsvSource({
    "128, 0", // blockSize
    "128, 513",
    "128, 0xfffffe00",
    "132, 0xffffffff", // blocks
    "132, 0x10000000",
    "136, 0xffffffff", // the first offset
    "140, 0",
    "140, 0x7fffffff",
    "152, 0xffffffff",
    "156, 0xfffff",
    "156, 137"
  })
  void hostileNumbersAreRefused(int position, String value) throws IOException {
    byte[] bytes = image(content(9));
    ByteBuffer.wrap(bytes).putInt(position, (int) (long) Long.decode(value));
    lab.write("x.cloop", bytes);
    assertThrows(ImageException.class, () -> lab.read("x.cloop"));
  }

  /// A few bytes that say they are 64 MiB are not believed.
  @Test
  void aBombIsRefused() throws IOException {
    byte[] bytes = image(new byte[4 * BLOCK]);
    ByteBuffer.wrap(bytes).putInt(128, 64 << 20);
    lab.write("x.cloop", bytes);
    var refusal = assertThrows(ImageException.Corrupt.class, () -> lab.read("x.cloop"));
    assertTrue(refusal.getMessage().contains("for 67108864"), refusal.getMessage());
  }

  @Test
  void otherVersionsAreRefusedByName() throws IOException {
    byte[] bytes = image(content(3));
    bytes[SCRIPT.indexOf("2.0")] = '4';
    lab.write("x.cloop", bytes);
    assertEquals("cloop", lab.probe("x.cloop"));
    assertThrows(ImageException.Unsupported.class, () -> lab.open("x.cloop"));
    lab.write("x.cloop", Arrays.copyOf(image(content(3)), 130));
    assertThrows(ImageException.Corrupt.class, () -> lab.probe("x.cloop"));
    lab.write("x.sh", "#!/bin/sh\n#Verbose\necho Format\n");
    assertEquals("raw", lab.probe("x.sh"));
  }

  @Test
  void damagedBlocksAreFound() throws IOException {
    byte[] bytes = image(content(9));
    bytes[bytes.length - 1] ^= 1;
    bytes[TABLE + 80 + 20] ^= 1;
    lab.write("x.cloop", bytes);
    assertEquals(2, lab.check("x.cloop").size(), lab.check("x.cloop").toString());
    assertThrows(ImageException.Corrupt.class, () -> lab.read("x.cloop"));
  }

  @Test
  void damageIsHarmless() throws IOException {
    var images = new Lab();
    images.add(Variant.of(new CloopFormat(), Map.of()), OpticalLab.file("x", image(content(7))));
    var mutants = new Mutants(images, "x");
    var flipped = mutants.flipBits(5000);
    assertTrue(flipped.counts().get(Mutants.Outcome.REFUSED) > 500, flipped.counts().toString());
    assertTrue(flipped.silent().size() < 10, flipped.silent().toString());
    assertTrue(mutants.truncate(64).counts().get(Mutants.Outcome.REFUSED) > 5);
  }
}
