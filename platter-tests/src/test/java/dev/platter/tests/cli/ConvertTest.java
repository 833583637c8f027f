package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `convert`, `create` and `dd`.
class ConvertTest {
  private static final int SIZE = 3 << 20;
  @TempDir Path folder;
  private Path raw;
  private byte[] content;

  @BeforeEach
  void aDisk() throws IOException {
    content = new byte[SIZE];
    byte[] noise = new byte[300_000];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, content, 100_000, noise.length);
    Arrays.fill(content, 2_000_000, 2_100_000, (byte) 'x');
    raw = folder.resolve("disk.raw");
    Files.write(raw, content);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  /// Nothing half-made is left behind.
  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-O qcow2", "-O vdi", "-O qcow2 -c", "-O qcow2 -o compat=0.10 -m 3 -W"})
  void whatIsConvertedIsWhatQemuReads(String options) throws IOException {
    Path target = file("target");
    Object[] words =
        Stream.of(List.of("convert"), List.of(options.split(" ")), List.of(raw, target))
            .flatMap(List::stream)
            .toArray();
    assertEquals("", Cli.succeed(words));
    Peer.named("qemu-img").succeed("compare", "-f", "raw", raw, target);
    Cli.succeed("convert", target, file("back.raw"));
    assertArrayEquals(content, Files.readAllBytes(file("back.raw")));
    assertEquals(List.of("back.raw", "disk.raw", "target"), files());
  }

  @Test
  void standardStreamsAreUsed() throws IOException {
    assertArrayEquals(content, Cli.run("convert", raw, "-").bytes());
    Cli run = Cli.run(content, "convert", "-O", "qcow2", "-", file("in.qcow2"));
    assertEquals(0, run.code(), run.err());
    assertArrayEquals(content, Cli.run("convert", "-f", "qcow2", file("in.qcow2"), "-").bytes());
    assertEquals(List.of("disk.raw", "in.qcow2"), files());
  }

  @Test
  void sourcesAreJoined() throws IOException {
    Cli.succeed("convert", "-O", "qcow2", raw, file("one.qcow2"));
    Cli.succeed("convert", file("one.qcow2"), raw, file("both.raw"));
    byte[] both = Arrays.copyOf(content, 2 * SIZE);
    System.arraycopy(content, 0, both, SIZE, SIZE);
    assertArrayEquals(both, Files.readAllBytes(file("both.raw")));
  }

  @Test
  void anExistingTargetIsWrittenInPlace() throws IOException {
    byte[] old = new byte[SIZE + 512];
    Arrays.fill(old, (byte) 1);
    Files.write(file("old.raw"), old);
    Cli.succeed("convert", "-n", "-O", "raw", raw, file("old.raw"));
    byte[] written = Files.readAllBytes(file("old.raw"));
    assertEquals(-1, Arrays.mismatch(written, 0, SIZE, content, 0, SIZE));
    assertEquals(1, written[SIZE]);
    Cli.run("convert", "-n", raw, file("missing")).fails(ExitCode.FAILED, "missing");
    Files.write(file("small.raw"), new byte[512]);
    Cli.run("convert", "-n", raw, file("small.raw")).fails(ExitCode.USAGE, "512");
  }

  @Test
  void aChildHoldsOnlyWhatItsParentHasNot() throws IOException {
    Cli.succeed("convert", "-O", "qcow2", raw, file("base.qcow2"));
    Cli.succeed(
        "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", file("top.qcow2"));
    Cli.succeed("io", "-f", "qcow2", "-c", "write -P 9 1M 64k", file("top.qcow2"));
    Cli.succeed(
        "convert",
        "-O",
        "qcow2",
        "-B",
        "base.qcow2",
        "-F",
        "qcow2",
        file("top.qcow2"),
        file("copy.qcow2"));
    assertTrue(Files.size(file("copy.qcow2")) < 500_000, "shares what the parent has");
    Peer.named("qemu-img").succeed("compare", file("top.qcow2"), file("copy.qcow2"));
  }

  @Test
  void aSourceIsNeverItsOwnTarget() throws IOException {
    Cli.succeed("convert", "-O", "qcow2", raw, file("base.qcow2"));
    Cli.succeed(
        "create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", file("top.qcow2"));
    byte[] before = Files.readAllBytes(file("base.qcow2"));
    Files.createSymbolicLink(file("link"), file("base.qcow2"));
    for (String target : List.of("base.qcow2", "link", "top.qcow2")) {
      Cli.run("convert", "-O", "raw", file("top.qcow2"), file(target))
          .fails(ExitCode.USAGE, "same file");
    }
    assertArrayEquals(before, Files.readAllBytes(file("base.qcow2")));
  }

  @Test
  void createAnnouncesAndListsOptions() {
    String said = Cli.succeed("create", "-f", "qcow2", "-o", "cluster_size=4k", file("n"), "1.5M");
    assertTrue(said.startsWith("Formatting '" + file("n") + "', fmt=qcow2 size=1572864"), said);
    assertTrue(said.contains(" cluster_size=4096"), said);
    String help = Cli.succeed("create", "-f", "qcow2", "-o", "help");
    assertTrue(help.startsWith("Supported qcow2 options:\n  size=<size>"), help);
    assertTrue(help.contains("  cluster_size=<size>"), help);
  }

  @Test
  void progressIsABarOrJson() {
    String bar = Cli.succeed("convert", "-p", raw, file("a.raw"));
    assertTrue(bar.endsWith("    (100.00/100%)\r    (100.00/100%)\n"), bar);
    Cli json = Cli.run("convert", "--progress=json", raw, file("b.raw"));
    assertEquals("", json.out());
    json.err().lines().forEach(line -> assertEquals(2, JsonText.object(line).size()));
  }

  @Test
  void ddCountsAsDdDoes() throws IOException {
    Path theirs = file("theirs");
    Path ours = file("ours");
    for (String operands :
        List.of(
            "bs=1000 count=300 skip=90",
            "bs=64k",
            "count=3",
            "bs=1M skip=2",
            "bs=4k count=5 skip=20 seek=3",
            "bs=4k count=5 seek=40 conv=notrunc",
            "bs=4k count=5 conv=notrunc")) {
      String[] words = operands.split(" ");
      Peer.named("dd").succeed(all(words, theirs, "status=none"));
      Cli.succeed(all(words, ours, "dd"));
      assertArrayEquals(Files.readAllBytes(theirs), Files.readAllBytes(ours), operands);
    }
  }

  private Object[] all(String[] operands, Path target, String first) {
    return Stream.concat(Stream.of(first, "if=" + raw, "of=" + target), Arrays.stream(operands))
        .toArray();
  }

  @Test
  void anInterruptedRunLeavesTheOldTarget() throws IOException {
    Files.write(file("old"), new byte[] {1});
    Cli run = Cli.run("convert", "-O", "qcow2", "-c", raw, file("no-such-folder/x"));
    run.fails(ExitCode.FAILED, "no-such-folder");
    Cli full = Cli.run("convert", "-O", "vdi", "-o", "size=1X", raw, file("old"));
    full.fails(ExitCode.USAGE, "1X");
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(file("old")));
    assertFalse(files().stream().anyMatch(name -> name.endsWith(".part")));
  }
}
