package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Options that few need, until they do.
class RareOptionsTest {
  @TempDir Path folder;
  private Path raw;
  private Path base;
  private Path child;

  @BeforeEach
  void aChain() throws IOException {
    raw = Content.mixed(folder.resolve("disk.raw"));
    base = folder.resolve("base.qcow2");
    child = folder.resolve("child.qcow2");
    Cli.succeed("convert", "-f", "raw", "-O", "qcow2", raw, base);
    Cli.succeed("create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", child);
    Script script = Script.random(1, Files.size(raw), 10);
    script.run("qcow2", child);
    script.runByStranger("raw", raw);
  }

  private static Object[] words(String text, Object... more) {
    return Stream.concat(Stream.of(text.split(" ")), Stream.of(more)).toArray();
  }

  /// What can be read of a cut image is saved as the stranger reads it, and the rest is told.
  @Test
  void salvage() throws IOException {
    Path cut = folder.resolve("cut.qcow2");
    byte[] whole = Files.readAllBytes(base);
    Files.write(cut, Arrays.copyOf(whole, 600_000));
    Path ours = folder.resolve("ours.raw");
    Cli.run("convert", cut, ours).fails(ExitCode.MALFORMED, "cut.qcow2");
    Cli run = Cli.run("convert", "--salvage", cut, ours);
    assertEquals(0, run.code(), run.err());
    assertTrue(run.err().contains("warning: "), run.err());
    assertTrue(run.err().lines().count() < 20, run.err());
    Path theirs = folder.resolve("theirs.raw");
    Peer.named("qemu-img").succeed("convert", "--salvage", "-O", "raw", cut, theirs);
    assertEquals(-1, Files.mismatch(ours, theirs));
    ByteBuffer.wrap(whole).putInt((int) ByteBuffer.wrap(whole).getLong(40), -1);
    Files.write(cut, whole);
    run = Cli.run("convert", "--salvage", "-O", "qcow2", cut, ours);
    assertEquals(0, run.code(), run.err());
    assertTrue(run.err().contains("L1 entry 0"), run.err());
  }

  @Test
  void aParentThatTheUserNames() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path parent = elsewhere.resolve("parent.vdi");
    Path overlay = folder.resolve("overlay.vdi");
    Cli.succeed("convert", "-f", "raw", "-O", "vdi", raw, parent);
    Cli.succeed("create", "-q", "-f", "vdi", "-b", parent, "-F", "vdi", overlay);
    Cli.run("map", overlay).fails(ExitCode.WRONG_PARENT, "overlay.vdi");
    Cli.succeed("compare", "--parent", parent, "-F", "raw", overlay, raw);
    Cli.run("map", "--parent", base, overlay).fails(ExitCode.WRONG_PARENT, "overlay.vdi");
    Cli.succeed("io", "--parent", parent, "-c", "write -q -P 1 0 3M", overlay);
    Cli.succeed("io", "--parent", parent, "-c", "read -q -P 1 0 3M", overlay);
    Cli.succeed("compare", "-q", "-f", "raw", raw, parent);
  }

  @Test
  void copiesAboveAParent() throws IOException {
    for (String options : List.of("", "-c ", "-o cluster_size=4k ", "-o extended_l2=on ")) {
      Path copy = folder.resolve("copy.qcow2");
      Cli.succeed(words("convert -O qcow2 " + options + "-B base.qcow2 -F qcow2", child, copy));
      Peer.named("qemu-img").succeed("compare", "-F", "raw", copy, raw);
      Peer.named("qemu-img").succeed("check", copy);
      assertTrue(Files.size(copy) < Files.size(base), options);
    }
    Cli.run("convert", "-O", "vdi", "-B", "base.qcow2", "-F", "qcow2", child, folder.resolve("x"))
        .fails(ExitCode.USAGE, "VDI");
    assertTrue(Files.notExists(folder.resolve("x")));
  }

  @Test
  void copiesIntoWhatIsThere() throws IOException {
    for (String format :
        List.of("qcow2", "vdi", "vpc", "raw", "vmdk", "vhdx", "qed", "qcow", "parallels")) {
      Path target = folder.resolve("into." + format);
      Kind kind = new Kind(format, format.equals("vpc") ? "force_size=on" : "");
      kind.create(target, Files.size(raw));
      Cli.succeed("convert", "-n", "--target-is-zero", "-O", format, child, target);
      kind.compareByStranger(target, raw);
      Cli.succeed("io", "-f", format, "-c", "write -q -P 9 0 5M", target);
      Cli.succeed("convert", "-n", "-O", format, child, target);
      kind.compareByStranger(target, raw);
      kind.check(target);
    }
    Path small = folder.resolve("small");
    Cli.succeed("create", "-q", "-f", "qcow2", small, "1M");
    Cli.run("convert", "-n", "-O", "qcow2", child, small).fails(ExitCode.USAGE, "small", "room");
    Cli.run("convert", "-n", "-O", "qcow2", child, base).fails(ExitCode.USAGE, "base.qcow2");
    Cli.run("convert", "-n", child, folder.resolve("none")).fails(ExitCode.FAILED, "none");
  }

  @Test
  void theNumberOfThreadsChangesNothing() throws IOException {
    for (String options :
        List.of(
            "-O qcow2",
            "-O vdi",
            "-O vpc",
            "-O raw",
            "-O vmdk",
            "-O vmdk -o subformat=streamOptimized",
            "-O vhdx",
            "-O qed",
            "-O qcow",
            "-c -O qcow",
            "-O parallels",
            "-c -O qcow2",
            "-c -O qcow2 -o compression_type=zstd")) {
      Path one = Files.createDirectories(folder.resolve("one")).resolve("disk");
      Path eight = Files.createDirectories(folder.resolve("eight")).resolve("disk");
      Cli.succeed(words("convert --deterministic -m 1 " + options, child, one));
      Cli.succeed(words("convert --deterministic -m 8 " + options, child, eight));
      assertEquals(-1, Files.mismatch(one, eight), options);
    }
  }

  @Test
  void discardsAreIgnoredOnRequest() {
    Cli.succeed("io", "-c", "write -q -P 1 0 1M", base);
    Cli.succeed("io", "-d", "ignore", "-c", "discard -q 0 1M", "-c", "read -q -P 1 0 1M", base);
    Cli.succeed("io", "-d", "unmap", "-c", "discard -q 0 1M", "-c", "read -q -P 0 0 1M", base);
  }

  /// Leaks that a stranger's crash left are found, told with their code, and given back.
  @Test
  void leaksAreRepaired() throws IOException {
    byte[] bytes = Files.readAllBytes(base);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 65_536 & -65_536);
    ByteBuffer all = ByteBuffer.wrap(longer);
    int table = (int) all.getLong(48);
    int block = (int) all.getLong(table);
    all.putShort(block + 2 * (longer.length / 65_536 - 1), (short) 1);
    Files.write(base, longer);
    assertEquals(3, Cli.run("check", base).code());
    assertEquals(3, Peer.named("qemu-img").run("check", base).status());
    Cli.succeed("check", "-q", "-r", "leaks", base);
    Peer.named("qemu-img").succeed("check", base);
    Cli.succeed("compare", "-q", "-F", "raw", child, raw);
  }

  /// The command as it is installed does the same as in this process.
  @Test
  void theLauncher() throws IOException {
    Program platter = Program.launcher();
    Path copy = folder.resolve("copy.vdi");
    assertEquals(0, platter.run("convert", "-O", "vdi", child, copy).code());
    Peer.named("qemu-img").succeed("compare", "-f", "vdi", "-F", "raw", copy, raw);
    assertTrue(platter.run("info", copy).out().contains("file format: vdi"));
    Program.Outcome wrong = platter.run("info", folder.resolve("none"));
    assertEquals(1, wrong.code());
    assertEquals("platter: " + folder.resolve("none") + ": no such file or folder\n", wrong.err());
  }
}
