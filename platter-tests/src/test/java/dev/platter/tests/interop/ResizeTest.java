package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// `resize`, judged by the programs that know the format, and by those of a file system inside.
class ResizeTest {
  @TempDir Path folder;

  /// What both programs make and Platter resizes.
  static Stream<Kind> kinds() {
    return Kind.all().filter(kind -> RESIZED.contains(kind.format()));
  }

  private static final Set<String> RESIZED = Set.of("raw", "vdi");

  private Path image(Kind kind) {
    return folder.resolve("image." + kind.format());
  }

  private static void length(Path raw, long size) throws IOException {
    try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
      file.setLength(size);
    }
  }

  private static void same(Kind kind, Path image, Path raw) throws IOException {
    kind.compareByStranger(image, raw);
    kind.check(image);
    Cli.succeed("compare", "-f", kind.format(), "-F", "raw", image, raw);
    String info = Peer.named("qemu-img").succeed("info", "-f", kind.format(), image);
    assertTrue(info.contains("(" + Files.size(raw) + " bytes)"), info);
  }

  /// Grown, written by the stranger, shrunk, grown again: the same as a raw file to which the same
  /// is done.
  @ParameterizedTest
  @MethodSource("kinds")
  void strangersSeeTheSameDisk(Kind kind) throws IOException {
    Path raw = Content.mixed(folder.resolve("raw"));
    length(raw, Files.size(raw) / 65536 * 65536);
    Path image = image(kind);
    kind.convert(raw, image);
    resizeInTurn(kind, image, raw);
  }

  /// The same with an image that the stranger made.
  @ParameterizedTest
  @MethodSource("kinds")
  void imagesOfStrangers(Kind kind) throws IOException {
    Path raw = Content.mixed(folder.resolve("raw"));
    length(raw, Files.size(raw) / 65536 * 65536);
    Path image = image(kind);
    kind.convertByStranger(raw, image);
    resizeInTurn(kind, image, raw);
  }

  private static void resizeInTurn(Kind kind, Path image, Path raw) throws IOException {
    long size = Files.size(raw);
    for (long wanted :
        new long[] {size + 65536, 4 * size, 200L << 20, size / 2 + 1024, 2 * size, 70L << 20}) {
      Cli.succeed("resize", "-q", "--shrink", "--discard-data", "-f", kind.format(), image, wanted);
      length(raw, wanted);
      same(kind, image, raw);
      String write = "write -P " + wanted / 1024 % 251 + " " + (wanted - 131072) + " 100k";
      Peer.named("qemu-io").succeed("-f", kind.format(), "-c", write, image);
      Peer.named("qemu-io").succeed("-f", "raw", "-c", write, raw);
      same(kind, image, raw);
    }
  }

  /// A file system in a disk that grew becomes larger, and is in order.
  @ParameterizedTest
  @MethodSource("kinds")
  void aFileSystemGrows(Kind kind) throws IOException {
    Path raw = Content.fileSystem(folder.resolve("raw"), folder.resolve("scratch"), 16 << 20);
    Path image = image(kind);
    kind.convert(raw, image);
    Cli.succeed("resize", "-f", kind.format(), image, "+48M");
    Path grown = folder.resolve("grown");
    Peer.named("qemu-img").succeed("convert", "-f", kind.format(), "-O", "raw", image, grown);
    assertEquals(64 << 20, Files.size(grown));
    Peer.named("resize2fs").succeed(grown);
    Peer.named("e2fsck").succeed("-fn", grown);
    assertTrue(Peer.named("resize2fs").succeed("-P", grown).contains("minimum size"));
  }

  /// An image with fewer blocks than its new map takes places; VirtualBox destroys it.
  @ParameterizedTest
  @CsvSource({"vdi,1,2T", "vdi,2,1T", "vdi,9,2T", "vdi,30,2T"})
  void fewBlocksAreKept(String format, int blocks, String size) throws IOException {
    Path image = folder.resolve("image");
    Path before = folder.resolve("before");
    Cli.succeed("create", "-q", "-f", format, image, "64M");
    for (int block = 0; block < blocks; block++) {
      Cli.succeed(
          "io",
          "-f",
          format,
          "-c",
          "write -P " + (block + 1) + " " + (63 - 2 * block) + "M 64k",
          image);
    }
    Files.copy(image, before);
    assertEquals("Image resized.\n", Cli.succeed("resize", "-f", format, image, size));
    Peer.named("qemu-img").succeed("compare", "-f", format, "-F", format, image, before);
    Peer.named("qemu-img").succeed("check", "-f", format, image);
    Cli.succeed("check", "-f", format, image);
    Peer.named("qemu-io").succeed("-f", format, "-c", "write -P 9 900G 64k", image);
    Peer.named("qemu-img").succeed("check", "-f", format, image);
    Cli.succeed("resize", "-f", format, "--shrink", "--discard-data", image, "64M");
    Peer.named("qemu-img").succeed("compare", "-s", "-f", format, "-F", format, image, before);
    Cli.succeed("check", "-f", format, image);
  }

  /// Sizes in words, what is refused, and that nothing has changed then.
  @Test
  void refusals() throws IOException {
    Path image = folder.resolve("image");
    Cli.succeed("create", "-q", "-f", "vdi", image, "8M");
    Cli.succeed("io", "-f", "vdi", "-c", "write -P 1 5M 64k", image);
    byte[] before = Files.readAllBytes(image);
    Cli small = Cli.run("resize", image, "-4M");
    assertTrue(small.code() != 0 && small.err().contains("--shrink"), small.err());
    Cli data = Cli.run("resize", "--shrink", image, "4M");
    assertTrue(data.code() != 0 && data.err().contains("5242880"), data.err());
    for (String word : new String[] {"-8M", "0", "+", "x", "-9G", "+9999999T"}) {
      assertEquals(64, Cli.run("resize", "--shrink", image, word).code(), word);
    }
    assertEquals(64, Cli.run("resize", "--discard-data", image, "9M").code());
    assertEquals(64, Cli.run("resize", "--preallocation=some", image, "9M").code());
    assertArrayEquals(before, Files.readAllBytes(image));
    Cli.succeed("resize", "--shrink", image, "-2M");
    assertTrue(Cli.succeed("io", "-c", "length", image).contains("6 MiB"));
    Cli.succeed("io", "-c", "truncate 7M", image);
    assertTrue(Cli.succeed("io", "-c", "length", image).contains("7 MiB"));
  }

  /// Room that was asked for is there.
  @ParameterizedTest
  @CsvSource({"raw,falloc", "raw,full", "vdi,metadata", "vdi,falloc", "vdi,full"})
  void preallocation(String format, String mode) throws IOException {
    Path image = folder.resolve("image");
    Cli.succeed("create", "-q", "-f", format, image, "1M");
    Cli.succeed("resize", "-f", format, "--preallocation=" + mode, image, "9M");
    long room = mode.equals("metadata") ? 0 : 8 << 20;
    String used = Peer.named("du").succeed("-B1", image);
    assertTrue(Long.parseLong(used.split("\t", -1)[0]) >= room, used);
    assertTrue(Files.size(image) >= 9 << 20);
    Path empty = folder.resolve("empty");
    Cli.succeed("create", "-q", "-f", "raw", empty, "9M");
    Peer.named("qemu-img").succeed("compare", "-f", format, "-F", "raw", image, empty);
  }
}
