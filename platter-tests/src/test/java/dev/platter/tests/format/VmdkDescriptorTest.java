package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Identified;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Descriptors in the spellings that there are, and what must not be believed in them.
class VmdkDescriptorTest {
  private static final String HEAD =
      """
      # Disk DescriptorFile
      version=1
      CID=12345678
      parentCID=ffffffff
      createType="monolithicFlat"

      """;

  @TempDir private Path folder;
  private VmdkImages images;

  @BeforeEach
  void images() throws IOException {
    images = new VmdkImages(folder);
    for (String name : new String[] {"a.bin", "b.bin"}) {
      byte[] bytes = new byte[8192];
      Arrays.fill(bytes, (byte) name.charAt(0));
      Files.write(images.file(name), bytes);
    }
  }

  private void text(String descriptor) throws IOException {
    Files.writeString(images.file("x.vmdk"), descriptor);
  }

  private String refused() {
    var refusal = assertThrows(ImageException.class, () -> images.open("x.vmdk").close());
    String message = refusal.getMessage();
    assertTrue(message.length() < 700 && !message.contains("\n"), message);
    return message;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\nRW 16 FLAT \"a.bin\" 0\n",
        "#   disk descriptorfile\r\nversion = \"1\"\r\ncid = 0x1\r\nPARENTcid=FFFFFFFF\r\n\r\n"
            + "rw 16 flat \"a.bin\" 0\r\n",
        "# Disk DescriptorFile\rversion=1\rCID=1\rRW 16 FLAT \"a.bin\"",
        "# a comment\n\nversion=1\nencoding=\"nobody knows this\"\nRW\t16\tFLAT\t\"a.bin\"\t0\n",
        "#Disk DescriptorFile\nversion=1\nencoding=\"Shift_JIS\"\n  RW 16 VMFS \"a.bin\"\nddb = 1\n",
        "# Disk DescriptorFile\nversion=1\nRW 16 VMFSRDM \"a.bin\"\n",
        "# Disk DescriptorFile\nversion=1\nRW 16 VmfsThin \"a.bin\" 0\n\0\0\0",
        "# Disk DescriptorFile\nversion=1\nRW 16 FLAT a.bin 0\nnobody knows this line\n",
        "# Disk DescriptorFile\nversion=1\nRW 16 FLAT \"a.bin\" 0 partitionUUID ide0:0\n"
      })
  void spellingsDoNotMatter(String descriptor) throws IOException {
    text(descriptor);
    byte[] expected = new byte[8192];
    Arrays.fill(expected, (byte) 'a');
    byte[] start = Arrays.copyOf(descriptor.getBytes(StandardCharsets.UTF_8), 4000);
    assertEquals(new Probe.Mine(), VmdkImages.FORMAT.probe(MemoryStorage.of("x", start)));
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(expected, VmdkImages.read(disk));
    }
  }

  @Test
  void whatIsNotKnownStaysAsItIs() throws IOException {
    String before =
        "# Disk DescriptorFile\r\nversion=1\r\nCID=0012abcd\r\nfuture thing\r\n"
            + "RW 16 FLAT \"a.bin\" 0\r\nddb.new = \"1\"\r\n#end";
    text(before);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      VmdkImages.write(disk, 0, new byte[] {1});
    }
    String after = Files.readString(images.file("x.vmdk"));
    String cid = after.substring(after.indexOf("CID=") + 4, after.indexOf("CID=") + 12);
    assertFalse(cid.equals("0012abcd"), "the first write changes the CID");
    assertEquals(before.replace("0012abcd", cid), after);
  }

  @Test
  void aShortCidIsMadeLonger() throws IOException {
    text("# Disk DescriptorFile\nversion=1\nCID=1\nRW 16 FLAT \"a.bin\" 0\nddb.x = \"y\"\n");
    try (Disk disk = images.openToWrite("x.vmdk")) {
      VmdkImages.write(disk, 0, new byte[] {1});
    }
    String after = Files.readString(images.file("x.vmdk"));
    assertTrue(after.matches("(?s).*\nCID=[0-9a-f]{8}\nRW 16 FLAT.*ddb.x = \"y\"\n"), after);
  }

  @Test
  void namesAreInTheEncodingThatIsSaid() throws IOException {
    Charset charset = Charset.forName("windows-1252");
    String text =
        "# Disk DescriptorFile\nversion=1\nencoding=\"windows-1252\"\nCID=1\n"
            + "RW 16 FLAT \"gr\u00fc\u00dfe.bin\" 0\n";
    Files.write(images.file("x.vmdk"), text.getBytes(charset));
    Files.write(images.file("gr\u00fc\u00dfe.bin"), new byte[8192]);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      VmdkImages.write(disk, 0, new byte[] {1});
    }
    String after = new String(Files.readAllBytes(images.file("x.vmdk")), charset);
    assertTrue(after.contains("gr\u00fc\u00dfe.bin"), after);
  }

  @Test
  void extentsOfAllKindsFollowEachOther() throws IOException {
    text(
        HEAD
            + "RW 4 FLAT \"a.bin\" 0\nRW 4 ZERO\nRDONLY 4 FLAT \"b.bin\" 12\nRW 4 FLAT \"a.bin\" 4\n");
    byte[] expected = new byte[8192];
    Arrays.fill(expected, 0, 2048, (byte) 'a');
    Arrays.fill(expected, 4096, 6144, (byte) 'b');
    Arrays.fill(expected, 6144, 8192, (byte) 'a');
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(expected, VmdkImages.read(disk));
      VmdkImages.write(disk, 6144, new byte[] {7});
      assertThrows(ReadOnlyException.class, () -> VmdkImages.write(disk, 5000, new byte[] {7}));
      assertThrows(ReadOnlyException.class, () -> VmdkImages.write(disk, 2048, new byte[] {7}));
    }
    assertEquals(7, Files.readAllBytes(images.file("a.bin"))[2048]);
  }

  @Test
  void whatNobodyMayReadIsNotRead() throws IOException {
    text(HEAD + "RW 4 FLAT \"a.bin\" 0\nNOACCESS 4 FLAT \"b.bin\" 0\n");
    try (Disk disk = images.open("x.vmdk")) {
      assertThrows(ImageException.class, () -> VmdkImages.read(disk));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RW 16 FLAT \"../canary.bin\" 0",
        "RW 16 FLAT \"..\\canary.bin\" 0",
        "RW 16 FLAT \"sub/../../canary.bin\" 0",
        "RW 16 FLAT \"/etc/passwd\" 0",
        "RW 1 FLAT \"/dev/zero\" 0",
        "RW 16 FLAT \"nbd://localhost/x\" 0",
        "RW 16 FLAT \"json:{}\" 0",
        "RW 16 FLAT \"file:a.bin\" 0",
        "RW 16 FLAT \"\\\\server\\share\\x\" 0",
        "RW 16 FLAT \"\" 0",
        "RW 16 SPARSE \"../canary.bin\"",
        "RW 16 VMFS \"link.bin\""
      })
  void namesThatLeadAwayAreNotFollowed(String extent) throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Files.write(folder.resolve("canary.bin"), new byte[8192]);
    Files.createSymbolicLink(inner.resolve("link.bin"), folder.resolve("canary.bin"));
    Files.writeString(inner.resolve("x.vmdk"), HEAD + extent + "\n");
    var refusal =
        assertThrows(ImageException.OutOfReach.class, () -> images.open("inner/x.vmdk").close());
    assertTrue(refusal.getMessage().contains("x.vmdk"), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "RW 16",
        "RW 16 FLAT \"a.bin",
        "RW -1 FLAT \"a.bin\" 0",
        "RW 16 FLAT \"a.bin\" -1",
        "RW 9223372036854775807 FLAT \"a.bin\" 0",
        "RW 99999999999999999999 ZERO",
        "RW 18014398509481983 ZERO\nRW 18014398509481983 ZERO",
        "RW 16 FLAT \"a.bin\" 18014398509481983",
        "RW 17 FLAT \"a.bin\" 0",
        "RW 16 FLAT \"a.bin\" 1",
        "RW 1 FLAT \"x.vmdk\" 0",
        "RW 1 SPARSE \"x.vmdk\"",
        "RW 8 FLAT \"a.bin\" 0\nRW 8 FLAT \"a.bin\" 7",
        "RW 8 FLAT \"a.bin\" 4\nRW 8 FLAT \"a.bin\" 0",
        "RW 8 FLAT \"a.bin\" 0\nRW 8 FLAT \"./a.bin\" 0",
        "RW 16 SPARSE \"a.bin\"",
        "RW 16 VMFSSPARSE \"a.bin\"",
        "RW 16 SESPARSE \"a.bin\"",
        "RW 16 PARTITION \"a.bin\""
      })
  void whatMakesNoSenseIsRefused(String extents) throws IOException {
    text(HEAD + extents + "\n");
    assertTrue(refused().contains(".vmdk") || refused().contains(".bin"), extents);
  }

  @Test
  void twentyThousandExtentsAreTooMany() throws IOException {
    text(HEAD + "RW 1 FLAT \"a.bin\" 0\n".repeat(20_000));
    assertTrue(refused().contains("limit"));
  }

  @Test
  void aLongTextIsTooLong() throws IOException {
    text(HEAD + "RW 1 ZERO\n" + "#".repeat(2 << 20));
    assertTrue(refused().contains("limit"));
  }

  @Test
  void virtualBoxFindsParentsByUuid() throws IOException {
    images.create("base.vmdk", VmdkImages.content(1 << 20), Map.of());
    UUID identity;
    UUID state;
    try (Disk disk = images.open("base.vmdk")) {
      Identified base = assertInstanceOf(Identified.class, disk.top());
      identity = base.identity();
      state = base.modification().orElseThrow();
    }
    images.create("child.vmdk", new byte[1 << 20], Map.of());
    Path child = images.file("child.vmdk");
    byte[] bytes = Files.readAllBytes(child);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String zero = new UUID(0, 0).toString();
    text =
        text.replace("ddb.uuid.parent=\"" + zero, "ddb.uuid.parent=\"" + identity)
            .replace("parentmodification=\"" + zero, "parentmodification=\"" + state);
    Files.write(child, text.getBytes(StandardCharsets.ISO_8859_1));
    try (Disk disk = images.open("child.vmdk")) {
      assertEquals(2, disk.layers().size());
      assertArrayEquals(VmdkImages.content(1 << 20), VmdkImages.read(disk));
    }
    try (Disk disk = images.openToWrite("base.vmdk")) {
      VmdkImages.write(disk, 0, new byte[] {1});
    }
    assertThrows(ImageException.WrongParent.class, () -> images.open("child.vmdk").close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello world", "#!/bin/sh\necho hi\n", "# a\n# b\n", "version 1"})
  void otherTextsAreNotDescriptors(String text) throws IOException {
    var storage = new MemoryStorage("x");
    storage.write(0, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
    assertEquals(new Probe.NotMine(), VmdkImages.FORMAT.probe(storage));
  }
}
