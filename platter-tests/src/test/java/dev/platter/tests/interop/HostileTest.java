package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that somebody made to hurt whoever opens them: one sentence, a documented code, an end in
/// time with the memory that the launcher gives, and the image as it was.
class HostileTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// What a refusal of an image may end with.
  private static final Set<ExitCode> REFUSALS =
      Set.of(
          ExitCode.FAILED,
          ExitCode.MALFORMED,
          ExitCode.UNSUPPORTED,
          ExitCode.WRONG_PARENT,
          ExitCode.OVER_LIMIT,
          ExitCode.OUT_OF_REACH,
          ExitCode.AMBIGUOUS);

  @TempDir Path folder;
  private Path raw;

  @BeforeEach
  void aDisk() throws IOException {
    raw = Content.mixed(folder.resolve("disk.raw"));
  }

  private static List<Object[]> readers(Path image, String... format) {
    String name = format.length == 0 ? "" : format[0];
    Object[] options = name.isEmpty() ? new Object[0] : new Object[] {"-f", name};
    return List.of(
        words("info", options, image),
        words("map", options, image),
        words("dump", options, image),
        words("check", options, image),
        words("convert", options, image, image.resolveSibling("out")));
  }

  private static Object[] words(String verb, Object[] options, Object... names) {
    Object[] words = Arrays.copyOf(new Object[] {verb}, 1 + options.length + names.length);
    System.arraycopy(options, 0, words, 1, options.length);
    System.arraycopy(names, 0, words, 1 + options.length, names.length);
    return words;
  }

  /// Every reader ends well, whatever it says.
  private static void endsWell(Path image, byte[] bytes, String what, String... format)
      throws IOException {
    Files.write(image, bytes);
    for (Object[] words : readers(image, format)) {
      Cli run = assertTimeoutPreemptively(PATIENCE, () -> Cli.run(words), what);
      String said = what + ": " + Arrays.toString(words) + " said " + run.err();
      assertFalse(run.err().contains("internal error") || run.err().contains("\tat "), said);
      boolean check = words[0].equals("check");
      if (run.code() != 0 && !check) {
        assertTrue(
            REFUSALS.stream().anyMatch(code -> code.number() == run.code()), run.code() + said);
        assertEquals(
            1, run.err().lines().filter(line -> line.startsWith("platter: ")).count(), said);
      }
      assertTrue(run.code() < ExitCode.USAGE.number() || !check, said);
      Files.deleteIfExists(image.resolveSibling("out"));
    }
    assertTrue(Arrays.equals(bytes, Files.readAllBytes(image)), what);
  }

  private static Cli refused(Path image, ExitCode code, String... parts) {
    Path out = image.resolveSibling("out");
    Cli run = assertTimeoutPreemptively(PATIENCE, () -> Cli.run("convert", image, out));
    assertTrue(Files.notExists(out));
    return run.fails(code, parts);
  }

  @ParameterizedTest
  @CsvSource({
    "vmdk, '', 0, 80",
    "vmdk, subformat=streamOptimized, 0, 80",
    "vpc, '', 512, 72",
    "vhdx, block_size=1M, 65536, 80",
    "vhdx, block_size=1M, 196608, 80",
    "vhdx, block_size=1M, 2097152, 200",
    "qed, '', 0, 64",
    "qcow, '', 0, 48",
    "parallels, '', 0, 72"
  })
  void everyWordOfAHeader(String format, String options, int start, int length) throws IOException {
    Path good = folder.resolve("good." + format);
    new Kind(format, options).convert(raw, good);
    byte[] whole = Files.readAllBytes(good);
    Path bad = folder.resolve("bad." + format);
    List<Integer> values = List.of(0, -1, Integer.MAX_VALUE, 1);
    for (int at = start; at < start + length; at += 4) {
      byte[] bytes = whole.clone();
      int value = values.get(at / 4 % 4);
      ByteBuffer.wrap(bytes).putInt(at, value);
      endsWell(bad, sealed(format, bytes, start), at + "=" + value);
      if (Seed.scaled(1) > 1) {
        ByteBuffer.wrap(bytes).putInt(at, ~value);
        endsWell(bad, sealed(format, bytes, start), at + "=" + ~value, format);
      }
    }
  }

  /// An image whose checksums are right in spite of all.
  private static byte[] sealed(String format, byte[] bytes, int start) {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    if (format.equals("vpc")) {
      all.putInt(start + 36, 0);
      int sum = 0;
      for (int at = start; at < start + 1024; at++) {
        sum += bytes[at] & 0xff;
      }
      all.putInt(start + 36, ~sum);
    } else if (format.equals("vhdx") && start < 1 << 20) {
      all.order(ByteOrder.LITTLE_ENDIAN).putInt(start + 4, 0);
      var sum = new CRC32C();
      sum.update(bytes, start, start < 0x30000 ? 4096 : 65_536);
      all.putInt(start + 4, (int) sum.getValue());
    }
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"vmdk, subformat=streamOptimized", "vpc, ''", "vhdx, ''", "qed, ''", "qcow, ''"})
  void cutAnywhere(String format, String options) throws IOException {
    Path good = folder.resolve("good." + format);
    new Kind(format, options).convert(raw, good);
    byte[] whole = Files.readAllBytes(good);
    Path bad = folder.resolve("bad." + format);
    for (int length : new int[] {0, 4, 64, 513, 1537, 70_000, whole.length / 2, whole.length - 1}) {
      endsWell(bad, Arrays.copyOf(whole, Math.min(length, whole.length)), "cut at " + length);
    }
  }

  private static byte[] bomb(int mebibytes, boolean header) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, !header);
    try (var stream = new DeflaterOutputStream(bytes, deflater)) {
      for (int i = 0; i < mebibytes; i++) {
        stream.write(new byte[1 << 20]);
      }
    }
    deflater.end();
    return bytes.toByteArray();
  }

  /// A grain of one MiB that would be 256.
  @Test
  void aBombInAStream() throws IOException {
    Path image = folder.resolve("bomb.vmdk");
    Files.write(raw, Content.noise(1, 1 << 20));
    new Kind("vmdk", "subformat=streamOptimized", "grain_size=1M", false).convert(raw, image);
    byte[] bytes = Files.readAllBytes(image);
    byte[] bomb = bomb(256, true);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int grain = 512 * (int) all.getLong(64);
    all.putInt(grain + 8, bomb.length);
    System.arraycopy(bomb, 0, bytes, grain + 12, bomb.length);
    Files.write(image, bytes);
    refused(image, ExitCode.MALFORMED, image.getFileName().toString());
    Program.Outcome run = Program.classes().run("convert", image, folder.resolve("out"));
    assertEquals(ExitCode.MALFORMED.number(), run.code(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(Arrays.equals(bytes, Files.readAllBytes(image)));
  }

  /// A cluster of four KiB that would be two MiB: what is behind the first four is never made, as
  /// with QEMU, which has use for it.
  @Test
  void aBombInACluster() throws IOException {
    Path image = folder.resolve("bomb.qcow");
    Files.write(raw, "text text ".repeat(500).getBytes(StandardCharsets.US_ASCII));
    new Kind("qcow", "", "", true).convert(raw, image);
    byte[] bytes = Files.readAllBytes(image);
    byte[] bomb = bomb(2, false);
    ByteBuffer all = ByteBuffer.wrap(bytes);
    int table = (int) all.getLong((int) all.getLong(40));
    long entry = all.getLong(table);
    assertTrue(entry < 0, "not compressed");
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 4096);
    System.arraycopy(bomb, 0, longer, bytes.length, bomb.length);
    ByteBuffer.wrap(longer)
        .putLong(table, Long.MIN_VALUE | (long) bomb.length << 51 | bytes.length);
    Files.write(image, longer);
    Cli.succeed("io", "-r", "-c", "read -q -P 0 0 4k", image);
    Peer.named("qemu-io").succeed("-r", "-f", "qcow", "-c", "read -q -P 0 0 4k", image);
  }

  /// Images that name themselves, or each other, as parents.
  @ParameterizedTest
  @ValueSource(strings = {"qed", "qcow", "vmdk", "vpc", "vhdx"})
  void parentsInALoop(String format) throws IOException {
    Path one = folder.resolve("one." + format);
    Path two = folder.resolve("two." + format);
    for (List<Path> pair : List.of(List.of(two, one), List.of(one, two), List.of(one, one))) {
      Path child = pair.getFirst();
      Path stand = folder.resolve("abc." + format);
      Cli.succeed("create", "-q", "-f", format, stand, 5 << 20);
      Cli.succeed("create", "-q", "-f", format, "-b", stand.getFileName(), "-F", format, child);
      rename(
          child, format, stand.getFileName().toString(), pair.getLast().getFileName().toString());
      if (Files.exists(pair.getLast())) {
        refused(one, ExitCode.WRONG_PARENT, "platter: ");
      }
    }
  }

  private static void rename(Path image, String format, String from, String to) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    for (Charset charset :
        List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      byte[] old = from.getBytes(charset);
      for (int at = 0; at + old.length <= bytes.length; at++) {
        if (Arrays.equals(bytes, at, at + old.length, old, 0, old.length)) {
          System.arraycopy(to.getBytes(charset), 0, bytes, at, old.length);
        }
      }
    }
    Files.write(image, format.equals("vpc") ? sealed(format, bytes, 512) : bytes);
  }

  /// Descriptors of VMDK whose numbers, names and extents are attacks.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "RW 9223372036854775807 FLAT \"disk.raw\" 0",
        "RW 99999999999999999999999999 FLAT \"disk.raw\" 0",
        "RW 18014398509481983 ZERO\nRW 18014398509481983 ZERO",
        "RW -1 FLAT \"disk.raw\" 0",
        "RW 100 FLAT \"disk.raw\" 9223372036854775807",
        "RW 2048 FLAT \"disk.raw\" 0\nRW 2048 FLAT \"disk.raw\" 2047",
        "RW 2 FLAT \"bad.vmdk\" 0",
        "RW 999999 FLAT \"disk.raw\" 0",
        "RW 2048 SPARSE \"bad.vmdk\"",
        "RW 2048 SPARSE \"disk.raw\"",
        "RW 2048 VMFSRDM \"disk.raw\" -1",
        "RW 2048 FLAT \"\" 0",
        "RW 2048 NONSENSE \"disk.raw\" 0",
        "RW",
        ""
      })
  void descriptors(String extents) throws IOException {
    Path bad = folder.resolve("bad.vmdk");
    String head =
        "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n"
            + "createType=\"custom\"\n";
    byte[] bytes = (head + extents + "\n").getBytes(StandardCharsets.UTF_8);
    endsWell(bad, bytes, extents);
    Cli run = Cli.run("convert", bad, folder.resolve("out"));
    assertTrue(run.code() != 0, extents);
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void moreExtentsThanAnybodyHas() throws IOException {
    Path bad = folder.resolve("bad.vmdk");
    String extents = "RW 1 ZERO\n".repeat(90_000);
    Files.writeString(
        bad, "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n" + extents);
    refused(bad, ExitCode.OVER_LIMIT, "bad.vmdk");
  }

  /// Documents of Parallels with what XML has to offer to attackers, and with parts that cannot be.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>",
        "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>%p;]>",
        "<?xml-stylesheet href='file:///etc/passwd'?>",
        "<![CDATA[x]]>",
        "<!--",
        "&#0;",
        "\0"
      })
  void documents(String before) throws IOException {
    Path bad = folder.resolve("DiskDescriptor.xml");
    String text = document("2048", "disk.raw");
    endsWell(bad, (before + text).getBytes(StandardCharsets.UTF_8), before, "parallels");
    String head = "<?xml version='1.0' encoding='UTF-8'?>";
    endsWell(bad, text.replace(head, head + before).getBytes(StandardCharsets.UTF_8), before);
    String entity = before.contains("ENTITY") ? "&b;" : before;
    endsWell(
        bad,
        text.replace("disk.raw", entity).getBytes(StandardCharsets.UTF_8),
        entity,
        "parallels");
    Cli run = Cli.run("convert", "-f", "parallels", bad, folder.resolve("out"));
    assertTrue(run.code() != 0, before);
    assertEquals(1, run.err().lines().count(), run.err());
  }

  private static String document(String sectors, String file) {
    return """
    <?xml version='1.0' encoding='UTF-8'?>
    <Parallels_disk_image Version="1.0">
      <Disk_Parameters><Disk_size>%1$s</Disk_size><Cylinders>2</Cylinders>
        <Heads>16</Heads><Sectors>63</Sectors><Padding>0</Padding></Disk_Parameters>
      <StorageData><Storage><Start>0</Start><End>%1$s</End><Blocksize>2048</Blocksize>
        <Image><GUID>{5fbaabe3-6958-40ff-92a7-860e329aab41}</GUID>
          <Type>Plain</Type><File>%2$s</File></Image></Storage></StorageData>
      <Snapshots/>
    </Parallels_disk_image>
    """
        .formatted(sectors, file);
  }

  @Test
  void documentsThatAreTooMuch() throws IOException {
    Path bad = folder.resolve("DiskDescriptor.xml");
    for (String text :
        List.of(
            document("99999999999999999999", "disk.raw"),
            document("9223372036854775807", "disk.raw"),
            document("-1", "disk.raw"),
            document("2048", "DiskDescriptor.xml"),
            document("2048", "<a>".repeat(100_000)),
            document("2048", "<a/>".repeat(100_000)),
            document("2048", "x".repeat(2 << 20)),
            "<Parallels_disk_image>".repeat(1000))) {
      String shown = text.substring(0, Math.min(60, text.length()));
      endsWell(bad, text.getBytes(StandardCharsets.UTF_8), shown, "parallels");
      assertTrue(Cli.run("map", "-f", "parallels", bad).code() != 0, shown);
    }
  }
}
