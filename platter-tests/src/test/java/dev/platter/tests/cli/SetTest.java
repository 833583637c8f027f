package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `set`, seen by the programs that read what it changes.
class SetTest {
  private static final String UUID = "00112233-4455-6677-8899-aabbccddeeff";
  private static final String OTHER = "ffeeddcc-bbaa-9988-7766-554433221100";

  /// The same as libvhdi shows them: the bytes in their order. VirtualBox takes the first three
  /// parts as little-endian, and so does Platter.
  private static final String AS_BYTES = "33221100-5544-7766-8899-aabbccddeeff";

  private static final String AS_BYTES_OTHER = "ccddeeff-aabb-8899-7766-554433221100";

  @TempDir Path folder;

  private Path image(String format, String name) {
    Path image = folder.resolve(name);
    Cli.succeed("create", "-q", "-f", format, image, "3M");
    return image;
  }

  private void child(String format, String parent, String name) {
    Cli.succeed("create", "-q", "-f", format, "-b", parent, "-F", format, folder.resolve(name));
  }

  /// A chain whose parent was renamed: another program reads the parent's bytes through the child.
  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "qcow", "qed", "vmdk"})
  void qemuFollowsAMovedParent(String format) throws IOException {
    Path parent = image(format, "a");
    Peer.named("qemu-io").succeed("-f", format, "-c", "write -P 7 1M 64k", parent);
    child(format, "a", "child");
    Path moved = Files.move(parent, folder.resolve("a-parent-with-a-longer-name"));
    Path child = folder.resolve("child");
    Cli.succeed("set", "-b", moved.getFileName(), "-F", format, child);
    String read =
        Peer.named("qemu-io").succeed("-r", "-f", format, "-c", "read -P 7 1M 64k", child);
    assertTrue(read.contains("read 65536/65536") && !read.contains("failed"), read);
    String info = Peer.named("qemu-img").succeed("info", "-f", format, child);
    assertTrue(info.contains("a-parent-with-a-longer-name"), info);
    Cli.succeed("set", "--no-backing", child);
    String alone = Peer.named("qemu-img").succeed("info", "-f", format, child);
    assertTrue(!alone.contains("backing file"), alone);
    assertTrue(
        Peer.named("qemu-io")
            .succeed("-r", "-f", format, "-c", "read -P 0 0 3M", child)
            .contains("read 3145728/3145728"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "qed", "vhdx", "vdi", "parallels"})
  void qemuFindsNothingWrongAfterwards(String format) throws IOException {
    Path image = image(format, "image");
    if (format.equals("parallels")) {
      Cli.succeed("set", "--geometry", "96/2/32", image);
    } else if (format.startsWith("v")) {
      Cli.succeed("set", "--uuid", UUID, "--modification-uuid", "new", image);
    } else {
      Cli.succeed("set", "-u", "-b", "nowhere", "-F", "raw", image);
      Cli.succeed("set", "--no-backing", image);
    }
    Peer.named("qemu-img").succeed("check", "-q", "-f", format, image);
    assertTrue(Cli.succeed("check", image).contains("No errors"), format);
  }

  @Test
  void vhdiinfoReadsIdentifiersAndParents() throws IOException {
    Path parent = image("vpc", "a.vhd");
    child("vpc", "a.vhd", "child.vhd");
    Path child = folder.resolve("child.vhd");
    Cli.succeed("set", "--uuid", UUID, "--geometry", "17/3/9", parent);
    Path moved = Files.move(parent, folder.resolve("b-with-a-longer-name.vhd"));
    Cli.succeed("set", "--uuid", OTHER, "-b", moved.getFileName(), "-F", "vpc", child);
    String info = Peer.named("vhdiinfo").succeed(child).toLowerCase(Locale.ROOT);
    assertTrue(info.contains(AS_BYTES_OTHER) && info.contains(AS_BYTES), info);
    assertTrue(info.contains("b-with-a-longer-name.vhd"), info);
    assertTrue(Peer.named("vhdiinfo").succeed(moved).toLowerCase(Locale.ROOT).contains(AS_BYTES));
    Cli.succeed("info", "--backing-chain", child);
    assertArrayEquals(
        new byte[] {0, 17, 3, 9},
        Arrays.copyOfRange(Files.readAllBytes(moved), 56, 60),
        "disk geometry at 56 of the footer's copy");
  }

  @ParameterizedTest
  @CsvSource({"monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "streamOptimized"})
  void vmdkStaysReadableAndKeepsItsCid(String subformat) throws IOException {
    Path image = folder.resolve("disk.vmdk");
    Cli.succeed("create", "-q", "-f", "vmdk", "-o", "subformat=" + subformat, image, "3M");
    String before = cid(image);
    Cli.succeed("set", "--comment", "one\ntwo \\ three", "--uuid", UUID, image);
    Cli.succeed("set", "--geometry", "17/3/9", "--logical-geometry", "18/4/10", image);
    assertEquals(before, cid(image));
    String info = Peer.named("vmdkinfo").succeed(image);
    assertTrue(info.contains(before.toLowerCase(Locale.ROOT)) || info.contains("CID"), info);
    String text = new String(Files.readAllBytes(image), StandardCharsets.ISO_8859_1);
    assertTrue(text.contains("ddb.comment = \"one\\ntwo \\\\ three\""), "the comment");
    assertTrue(text.contains("ddb.geometry.biosHeads = \"4\""), "the BIOS geometry");
    String said = Cli.succeed("info", "--output=json", image);
    assertTrue(said.contains(UUID) && said.contains("17/3/9") && said.contains("18/4/10"), said);
  }

  private static String cid(Path image) throws IOException {
    String json = Peer.named("qemu-img").succeed("info", "--output=json", image);
    int at = json.indexOf("\"cid\": ") + 7;
    return Long.toHexString(Long.parseLong(json.substring(at, json.indexOf(',', at)).strip()));
  }

  /// VirtualBox's header, version 1.1: comment at 84, geometry at 348, UUIDs at 392 and 408, the
  /// BIOS geometry at 456.
  @Test
  void vdiHasItsFieldsInTheirPlaces() throws IOException {
    Path image = image("vdi", "disk.vdi");
    Cli.succeed("set", "--uuid", UUID, "--modification-uuid", OTHER, image);
    Cli.succeed(
        "set",
        "--comment",
        "words",
        "--geometry",
        "17/3/9",
        "--logical-geometry",
        "18/4/10",
        image);
    ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] comment = new byte[6];
    header.get(84, comment);
    assertEquals("words\0", new String(comment, StandardCharsets.US_ASCII));
    assertEquals(17, header.getInt(348));
    assertEquals(0x00112233, header.getInt(392));
    assertEquals(0xffeeddcc, header.getInt(408));
    assertEquals(18, header.getInt(456));
  }

  @ParameterizedTest
  @CsvSource({
    "raw, --comment, a comment",
    "vpc, --comment, a comment",
    "vhdx, --comment, a comment",
    "qcow2, --comment, a comment",
    "qed, --uuid, a UUID",
    "qcow, --modification-uuid, a modification UUID",
    "parallels, --parent-uuid, a parent UUID"
  })
  void whatHasNoPlaceIsRefusedAsAWhole(String format, String option, String phrase)
      throws IOException {
    Path image = image(format, "image");
    byte[] before = Files.readAllBytes(image);
    Cli.run("set", "-f", format, option, UUID, "--geometry", "1/1/1", image)
        .fails(ExitCode.USAGE, "has no place for", phrase);
    assertArrayEquals(before, Files.readAllBytes(image));
  }

  @ParameterizedTest
  @CsvSource({"vdi,256", "vmdk,9000"})
  void aCommentCanBeTooLong(String format, int length) throws IOException {
    Path image = image(format, "image." + format);
    byte[] before = Files.readAllBytes(image);
    Cli.run("set", "--comment", "x".repeat(length), "--uuid", UUID, image).fails(ExitCode.USAGE);
    assertArrayEquals(before, Files.readAllBytes(image));
  }

  @Test
  void commandLinesThatMakeNoSenseAreRefused() {
    Path image = image("vdi", "disk.vdi");
    Cli.run("set", image).fails(ExitCode.USAGE, "nothing to change");
    Cli.run("set", "--uuid", "17", image).fails(ExitCode.USAGE, "expected a UUID");
    Cli.run("set", "--geometry", "1/2", image).fails(ExitCode.USAGE, "cylinders/heads/sectors");
    Cli.run("set", "--parent-uuid", UUID, "--zero-parent-uuid", image)
        .fails(ExitCode.USAGE, "exclude each other");
  }
}
