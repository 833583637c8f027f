package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.format.iso.IsoFormat;
import dev.platter.image.DeviceType;
import dev.platter.image.ImageException;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Region;
import dev.platter.image.Region.DataForm;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Variant;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Discs that other programs made.
class IsoTest {
  private static final int START = 16 * 2048;

  @TempDir private Path folder;
  private OpticalLab lab;

  @BeforeEach
  void lab() {
    lab = new OpticalLab(folder);
  }

  private Map<?, ?> specific(String name) throws IOException {
    try (Disk disk = lab.open(name)) {
      return disk.top().info().specific();
    }
  }

  @Test
  void aVolumeOfGenisoimageIsDescribed() throws IOException {
    lab.iso("x.iso", "-J", "-R", "-udf", "-V", "SOME_NAME", "-p", "somebody");
    byte[] bytes = Files.readAllBytes(lab.path("x.iso"));
    assertArrayEquals(bytes, lab.read("x.iso"));
    try (Disk disk = lab.open("x.iso")) {
      assertEquals(DeviceType.OPTICAL, disk.top().device());
      Region all = new Region(0, bytes.length / 2048, 2048, DataForm.MODE1_2048);
      assertEquals(List.of(all), OpticalLab.regions(disk));
    }
    var found = specific("x.iso");
    var iso = (Map<?, ?>) found.get("iso9660");
    assertEquals("SOME_NAME", iso.get("volume"));
    assertEquals("somebody", iso.get("preparer"));
    assertEquals("SOME_NAME", ((Map<?, ?>) found.get("joliet")).get("volume"));
    assertEquals("SOME_NAME", ((Map<?, ?>) found.get("udf")).get("volume"));
    String theirs = Peer.named("isoinfo").succeed("-d", "-i", lab.path("x.iso"));
    assertTrue(theirs.contains("Volume size is: " + iso.get("blocks")), theirs);
    assertTrue(theirs.contains("Application id: " + iso.get("application")), theirs);
    assertEquals(List.of(), lab.check("x.iso"));
  }

  @Test
  void discsThatAreHardDisksTooAreDiscs() throws IOException {
    Path tree = Files.createDirectories(lab.path("tree"));
    Files.write(tree.resolve("boot.img"), VdiImages.random(64 << 10, 1));
    Peer.named("xorriso")
        .succeed(
            "-as",
            "mkisofs",
            "-quiet",
            "-V",
            "HYBRID",
            "-o",
            lab.path("x.iso"),
            "-b",
            "boot.img",
            "-no-emul-boot",
            "-boot-load-size",
            "4",
            "--grub2-boot-info",
            "-c",
            "boot.cat",
            "-appended_part_as_gpt",
            "-append_partition",
            "2",
            "0xef",
            tree.resolve("boot.img"),
            tree);
    assertEquals("iso", lab.probe("x.iso"));
    var found = specific("x.iso");
    var system = (List<?>) found.get("system-area");
    assertTrue(system.contains("master boot record"), system.toString());
    assertTrue(system.contains("GUID partition table"), system.toString());
    assertTrue((long) (Long) found.get("el-torito-catalog") > 16);
    assertEquals(List.of(), lab.check("x.iso"));
  }

  @Test
  void aVolumeOfUdfAloneIsADisc() throws IOException {
    lab.write("x.udf", new byte[8 << 20]);
    Peer.named("mkudffs")
        .succeed("--media-type=cdrw", "--blocksize=2048", "--label=Some name", lab.path("x.udf"));
    assertEquals("iso", lab.probe("x.udf"));
    assertEquals("Some name", ((Map<?, ?>) specific("x.udf").get("udf")).get("logical-volume"));
    assertEquals(List.of(), lab.check("x.udf"));
    byte[] bytes = Files.readAllBytes(lab.path("x.udf"));
    int names = 0;
    for (int at = 0; at < bytes.length - 9; at += 1) {
      if (new String(bytes, at, 9, StandardCharsets.ISO_8859_1).equals("Some name")) {
        bytes[at] = 'X';
        names++;
      }
    }
    assertTrue(names > 0);
    lab.write("x.udf", bytes);
    assertTrue(lab.check("x.udf").toString().contains("wrong CRC"), lab.check("x.udf").toString());
  }

  @Test
  void udfOnAHardDiskIsNoDisc() throws IOException {
    lab.write("x.img", new byte[8 << 20]);
    Peer.named("mkudffs").succeed("--media-type=hd", "--blocksize=512", lab.path("x.img"));
    assertEquals("raw", lab.probe("x.img"));
  }

  /// What begins as a disk and goes on as a disc is refused, unless it is said what it is.
  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "qed", "vdi", "parallels"})
  void anImageInTheSystemAreaMakesItAmbiguous(String format) throws IOException {
    lab.iso("x.iso");
    Path image = lab.path("image");
    Peer.named("qemu-img").succeed("create", "-q", "-f", format, image, "1M");
    byte[] start = Arrays.copyOf(Files.readAllBytes(image), START);
    byte[] bytes = Files.readAllBytes(lab.path("x.iso"));
    System.arraycopy(start, 0, bytes, 0, START);
    lab.write("x.iso", bytes);
    var refusal = assertThrows(ImageException.Unrecognized.class, () -> lab.probe("x.iso"));
    assertTrue(refusal.getMessage().contains(format), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("iso"), refusal.getMessage());
    Cli.succeed("convert", "-f", "iso", "-O", "raw", lab.path("x.iso"), lab.path("y"));
    assertArrayEquals(bytes, Files.readAllBytes(lab.path("y")));
  }

  @Test
  void discsAreNotWritten() throws IOException {
    lab.iso("x.iso");
    byte[] bytes = Files.readAllBytes(lab.path("x.iso"));
    var options = OpticalLab.options().writable();
    assertThrows(ReadOnlyException.class, () -> lab.open("x.iso", options));
    assertArrayEquals(bytes, Files.readAllBytes(lab.path("x.iso")));
  }

  /// A guest that formats a disk of which nobody said that it is raw must not make it a disc.
  @Test
  void aDiskTakenForRawDoesNotBecomeADisc() throws IOException {
    lab.iso("x.iso");
    lab.write("x.img", new byte[1 << 20]);
    lab.write(
        "start", Arrays.copyOfRange(Files.readAllBytes(lab.path("x.iso")), START, START + 4096));
    Cli run = Cli.run("io", "-c", "write -s " + lab.path("start") + " 32k 4k", lab.path("x.img"));
    assertTrue(
        (run.out() + run.err()).contains("would make it look like iso"), run.out() + run.err());
    assertEquals("raw", lab.probe("x.img"));
    Cli.succeed(
        "io", "-f", "raw", "-c", "write -s " + lab.path("start") + " 32k 4k", lab.path("x.img"));
    assertEquals("iso", lab.probe("x.img"));
  }

  @Test
  void aDiscThatWasCutOffIsReadAndReported() throws IOException {
    lab.iso("x.iso");
    byte[] bytes = Files.readAllBytes(lab.path("x.iso"));
    byte[] part = Arrays.copyOf(bytes, bytes.length / 2 / 2048 * 2048 + 100);
    lab.write("x.iso", part);
    assertArrayEquals(part, lab.read("x.iso"));
    assertTrue(
        lab.check("x.iso").toString().contains("are missing"), lab.check("x.iso").toString());
    assertTrue(lab.check("x.iso").toString().contains("multiple of 2048"));
    lab.write("x.iso", Arrays.copyOf(bytes, START + 100));
    var broken = assertThrows(ImageException.Corrupt.class, () -> lab.probe("x.iso"));
    assertTrue(broken.getMessage().contains("first volume descriptor"), broken.getMessage());
    for (int size = 0; size <= START + 6; size += 2) {
      lab.write("x.iso", Arrays.copyOf(bytes, size));
      assertEquals("raw", lab.probe("x.iso"));
    }
  }

  @Test
  void theCommandTellsTheDevice() throws IOException {
    lab.iso("x.iso", "-V", "NAME");
    String json = Cli.succeed("info", "--output=json", lab.path("x.iso"));
    assertTrue(json.contains("\"device-type\": \"optical\""), json);
    assertTrue(json.contains("\"data-form\": \"mode1-2048\""), json);
    String text = Cli.succeed("info", lab.path("x.iso"));
    assertTrue(text.contains("device type: optical\n"), text);
    assertTrue(text.contains(": 2048 bytes, mode1-2048\n"), text);
    String dump = Cli.succeed("dump", lab.path("x.iso"));
    assertTrue(dump.contains("primary volume descriptor") && dump.contains("volume: NAME"), dump);
  }

  @Test
  void damageIsHarmless() throws IOException {
    lab.iso("x.iso", "-udf", "-J", "-V", "NAME");
    byte[] bytes = Files.readAllBytes(lab.path("x.iso"));
    var images = new Lab();
    images.add(Variant.of(new IsoFormat(), Map.of()), OpticalLab.file("x", bytes));
    var mutants = new Mutants(images, "x");
    assertTrue(mutants.truncate(8192 + 512).counts().size() > 0);
    // every byte of a disc is the guest's: bits of the descriptors are flipped by hand
    for (int at = START; at < START + 5 * 2048; at += 7) {
      bytes[at] ^= (byte) (1 << at % 8);
      lab.write("y.iso", bytes);
      Cli.run("info", "-f", "iso", lab.path("y.iso"));
      Cli run = Cli.run("dump", "-f", "iso", lab.path("y.iso"));
      assertTrue(run.code() == 0 || run.err().lines().count() == 1, run.err());
    }
  }
}
