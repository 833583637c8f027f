package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that name files outside their folder: the system is asked what the command opens.
class CanaryTest {
  @TempDir Path folder;
  private Path inside;

  @BeforeEach
  void aFolderAndACanary() throws IOException {
    inside = Files.createDirectory(folder.resolve("inside"));
    Files.write(folder.resolve("canary"), new byte[1 << 20]);
    Files.createSymbolicLink(inside.resolve("link-canary"), folder.resolve("canary"));
    Files.createSymbolicLink(inside.resolve("up-canary"), folder);
    Peer.named("mkfifo").succeed(inside.resolve("a-pipe"));
  }

  private List<String> names() {
    return List.of(
        "../canary",
        folder.resolve("canary").toString(),
        "link-canary",
        "up-canary/canary",
        "a-pipe",
        "/dev/full",
        "nbd://127.0.0.1:1/canary",
        "json:{\"driver\":\"file\",\"filename\":\"../canary\"}",
        "file:../canary",
        "//server/canary",
        "fat:../canary");
  }

  @Test
  void nothingOutsideIsOpened() throws IOException {
    for (String name : names()) {
      Path parent = inside.resolve("parent.qcow2");
      Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", parent, 1 << 20);
      refused(parent, name);
    }
    List<Object> images = new ArrayList<>();
    for (String name : List.of("../canary", "link-canary", "up-canary/canary")) {
      Path image = inside.resolve("parent" + images.size() + ".qcow2");
      Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", image, 1 << 20);
      images.add(image);
    }
    assertNoCanary(images);
  }

  @Test
  void noDataFileOutsideIsOpened() throws IOException {
    for (String name : names()) {
      // made with a name of the same length, which is then written over
      String stand = "d".repeat(name.length());
      Path image = inside.resolve("data.qcow2");
      Cli.succeed("create", "-q", "-f", "qcow2", "-o", "data_file=" + stand, image, 1 << 20);
      byte[] bytes = Files.readAllBytes(image);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      byte[] written = name.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(written, 0, bytes, text.indexOf(stand), written.length);
      Files.write(image, bytes);
      refused(image, name);
      Files.delete(inside.resolve(stand));
    }
  }

  /// Names of parents in whatever place and encoding a format has for them. They are written over a
  /// name of the same length.
  @ParameterizedTest
  @ValueSource(strings = {"qed", "qcow", "vmdk", "vpc", "vhdx"})
  void noParentOutsideIsOpened(String format) throws IOException {
    List<Object> images = new ArrayList<>();
    for (String name : names()) {
      Path image = inside.resolve("child" + images.size() + "." + format);
      plant(format, image, name);
      refused(image, name);
      images.add(image);
    }
    assertNoCanary(images);
  }

  private void plant(String format, Path image, String name) throws IOException {
    String stand = "d".repeat(name.length());
    Path parent = inside.resolve(stand);
    Cli.succeed("create", "-q", "-f", format, parent, 1 << 20);
    Cli.succeed("create", "-q", "-f", format, "-b", stand, "-F", format, image);
    Files.delete(parent);
    byte[] bytes = Files.readAllBytes(image);
    int found = 0;
    for (Charset charset :
        List.of(
            StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      byte[] from = stand.getBytes(charset);
      byte[] to = name.getBytes(charset);
      for (int at = 0; at + from.length <= bytes.length; at++) {
        if (Arrays.equals(bytes, at, at + from.length, from, 0, from.length)) {
          System.arraycopy(to, 0, bytes, at, to.length);
          found++;
        }
      }
    }
    assertTrue(found > 0, "no name");
    if (format.equals("vpc")) {
      sum(bytes, 512, 1024, 36);
    }
    Files.write(image, bytes);
  }

  /// The checksum of a header of a VHD.
  private static void sum(byte[] bytes, int start, int length, int field) {
    ByteBuffer.wrap(bytes).putInt(start + field, 0);
    int sum = 0;
    for (int at = start; at < start + length; at++) {
      sum += bytes[at] & 0xff;
    }
    ByteBuffer.wrap(bytes).putInt(start + field, ~sum);
  }

  /// Extents of a VMDK descriptor, of every type that names a file.
  @Test
  void noExtentOutsideIsOpened() throws IOException {
    List<Object> images = new ArrayList<>();
    for (String name : names()) {
      for (String type : List.of("FLAT", "SPARSE", "VMFS", "VMFSSPARSE", "SESPARSE")) {
        Path image = inside.resolve("extent" + images.size() + ".vmdk");
        String at = type.equals("FLAT") ? " 0" : "";
        Files.writeString(
            image,
            """
            # Disk DescriptorFile
            version=1
            CID=fffffffe
            parentCID=ffffffff
            createType="custom"
            RW 2048 %s "%s"%s
            """
                .formatted(type, name.replace('"', '\''), at));
        refused(image, name);
        images.add(image);
      }
    }
    assertNoCanary(images);
  }

  /// Files of a folder of Parallels.
  @Test
  void noPartOutsideIsOpened() throws IOException {
    List<Object> images = new ArrayList<>();
    for (String name : names()) {
      for (String type : List.of("Plain", "Compressed")) {
        Path bundle = Files.createDirectory(inside.resolve("disk" + images.size() + ".hdd"));
        Path image = bundle.resolve("DiskDescriptor.xml");
        String moved = name.startsWith("../") ? "../" + name : name;
        for (String link : List.of("link-canary", "up-canary", "a-pipe")) {
          Files.createSymbolicLink(bundle.resolve(link), inside.resolve(link));
        }
        Files.writeString(
            image,
            """
            <?xml version='1.0' encoding='UTF-8'?>
            <Parallels_disk_image Version="1.0">
              <Disk_Parameters><Disk_size>2048</Disk_size><Cylinders>2</Cylinders>
                <Heads>16</Heads><Sectors>63</Sectors><Padding>0</Padding></Disk_Parameters>
              <StorageData><Storage><Start>0</Start><End>2048</End><Blocksize>2048</Blocksize>
                <Image><GUID>{5fbaabe3-6958-40ff-92a7-860e329aab41}</GUID>
                  <Type>%s</Type><File>%s</File></Image></Storage></StorageData>
              <Snapshots/>
            </Parallels_disk_image>
            """
                .formatted(type, moved));
        refused(image, name);
        images.add(image);
      }
    }
    assertNoCanary(images);
  }

  private static void refused(Path image, String name) {
    for (String verb : List.of("map", "io", "compare")) {
      Object[] words =
          switch (verb) {
            case "io" -> new Object[] {"io", "-c", "read 0 512", image};
            case "compare" -> new Object[] {"compare", image, image};
            default -> new Object[] {verb, image};
          };
      Cli.run(words).fails(ExitCode.OUT_OF_REACH, image.getFileName().toString());
    }
    Cli.run("convert", image, image.resolveSibling("out"))
        .fails(ExitCode.OUT_OF_REACH, image.getFileName().toString());
    assertTrue(Files.notExists(image.resolveSibling("out")), name);
  }

  /// The files that a process of its own opens are the images and those of the machine.
  private void assertNoCanary(List<Object> images) throws IOException {
    Path log = folder.resolve("log");
    Program traced =
        Program.classes()
            .under(Peer.named("strace").program(), "-f", "-e", "openat,open,openat2", "-o", log);
    List<Object> words = new ArrayList<>(List.of("info", "--backing-chain"));
    words.addAll(images);
    traced.run(words.toArray());
    List<String> opened = new ArrayList<>(Files.readAllLines(log));
    for (Object image : images) {
      assertTrue(opened.stream().anyMatch(line -> line.contains(image.toString())), "no trace");
    }
    opened.removeIf(line -> !line.contains("canary") || line.contains("= -1"));
    assertEquals(List.of(), opened);
  }
}
