package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.DeviceType;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Raw images that are floppy disks, and others that only have their size.
class FloppyTest {
  @TempDir private Path folder;
  private OpticalLab lab;

  @BeforeEach
  void lab() {
    lab = new OpticalLab(folder);
  }

  private DeviceType device(String name) throws IOException {
    try (Disk disk = lab.open(name)) {
      assertEquals("raw", disk.layers().getFirst().formatName());
      return disk.top().device();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "160, 40, 1, 8",
    "180, 40, 1, 9",
    "320, 40, 2, 8",
    "360, 40, 2, 9",
    "720, 80, 2, 9",
    "1200, 80, 2, 15",
    "1440, 80, 2, 18",
    "2880, 80, 2, 36"
  })
  void formatsOfMtoolsAreFloppies(int kilobytes, long tracks, long sides, long sectors)
      throws IOException {
    Peer.named("mformat").succeed("-C", "-f", kilobytes, "-i", lab.path("x.img"), "::");
    assertEquals(kilobytes * 1024L, Files.size(lab.path("x.img")));
    assertEquals(DeviceType.FLOPPY, device("x.img"));
    try (Disk disk = lab.open("x.img")) {
      Map<String, Object> found = disk.top().info().specific();
      assertEquals(tracks, found.get("cylinders"));
      assertEquals(sides, found.get("heads"));
      assertEquals(sectors, found.get("sectors"));
    }
  }

  @ParameterizedTest
  @CsvSource({"1720320, 1.68M (DMF)", "1763328, 1.72M", "1474560, 1.44M", "901120, 880K"})
  void emptyFloppiesHaveTheirSize(int size, String name) throws IOException {
    lab.write("x.img", new byte[size]);
    String info = Cli.succeed("info", lab.path("x.img"));
    assertTrue(info.contains("device type: floppy"), info);
    assertTrue(info.contains("floppy: " + name), info);
    String json = Cli.succeed("info", "--output=json", lab.path("x.img"));
    assertTrue(json.contains("\"device-type\": \"floppy\""), json);
  }

  @Test
  void otherSizesAreHardDisks() throws IOException {
    for (int size : new int[] {0, 512, 1_474_559, 1_474_561, 1_475_072, 1 << 20}) {
      lab.write("x.img", new byte[size]);
      assertEquals(DeviceType.HARD_DISK, device("x.img"), size + " bytes");
    }
    assertFalse(Cli.succeed("info", lab.path("x.img")).contains("device type"));
  }

  /// A size alone proves nothing where the content says something else.
  @Test
  void contentThatContradictsIsBelieved() throws IOException {
    Path image = lab.path("x.img");
    lab.write("x.img", new byte[1_474_560]);
    Peer.named("mkfs.fat").succeed("-M", "0xf8", image);
    assertEquals(DeviceType.HARD_DISK, device("x.img"));
    Peer.named("mkfs.fat").succeed("-M", "0xf0", image);
    assertEquals(DeviceType.FLOPPY, device("x.img"));
    byte[] table = new byte[1_474_560];
    table[510] = 0x55;
    table[511] = (byte) 0xaa;
    lab.write("x.img", table);
    assertEquals(DeviceType.FLOPPY, device("x.img"));
    table[446 + 4] = (byte) 0x83;
    lab.write("x.img", table);
    assertEquals(DeviceType.HARD_DISK, device("x.img"));
    Files.delete(image);
    Peer.named("qemu-img").succeed("create", "-q", "-f", "qcow2", image, "100M");
    lab.write("x.img", Arrays.copyOf(Files.readAllBytes(image), 1_474_560));
    assertEquals("qcow2", lab.probe("x.img"));
  }
}
