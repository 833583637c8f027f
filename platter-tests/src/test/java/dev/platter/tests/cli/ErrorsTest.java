package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.cli.Main;
import dev.platter.testkit.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every bad input ends in one sentence and its code, and changes nothing.
class ErrorsTest {
  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void anImage() {
    image = folder.resolve("image.qcow2");
    Cli.succeed("create", "-q", "-f", "qcow2", image, "4M");
  }

  @Test
  void wrongCommandLines() {
    Cli.run().fails(ExitCode.USAGE, "--help");
    Cli.run("infoo").fails(ExitCode.USAGE, "'infoo'", "did you mean 'info'");
    Cli.run("xyzzy").fails(ExitCode.USAGE, "'xyzzy'", "--help");
    Cli.run("info", "--outptu=json", image).fails(ExitCode.USAGE, "did you mean '--output'");
    Cli.run("info", "-x", image).fails(ExitCode.USAGE, "'-x'");
    Cli.run("info", "--output=yaml", image).fails(ExitCode.USAGE, "yaml");
    Cli.run("info").fails(ExitCode.USAGE, "FILE");
    Cli.run("info", "-f", "qcw2", image).fails(ExitCode.USAGE, "'qcw2'", "did you mean 'qcow2'");
    Cli.run("info", "json:{}").fails(ExitCode.USAGE, "json:");
    Cli.run("info", "nbd://localhost/x").fails(ExitCode.USAGE, "nbd:");
    Cli.run("info", "").fails(ExitCode.USAGE, "empty");
    Cli.run("create", image).fails(ExitCode.USAGE, "SIZE");
    Cli.run("create", image, "1M", "2M").fails(ExitCode.USAGE, "'2M'");
    Cli.run("create", image, "12Q").fails(ExitCode.USAGE, "12Q");
    Cli.run("create", image, "-1").fails(ExitCode.USAGE, "-1");
    Cli.run("create", "-f", "qcow2", "-o", "clutser_size=4k", image, "1M")
        .fails(ExitCode.USAGE, "did you mean 'cluster_size'");
    Cli.run("create", "-f", "qcow2", "-o", "cluster_size=5000", image, "1M")
        .fails(ExitCode.USAGE, "cluster");
    Cli.run("create", "-f", "raw", "-b", image, "-F", "qcow2", folder.resolve("r"))
        .fails(ExitCode.USAGE, "raw");
    Cli.run("create", "-f", "qcow2", "-u", "-b", "image.qcow2", folder.resolve("c"), "1M")
        .fails(ExitCode.USAGE, "-F");
    Cli.run("convert", image).fails(ExitCode.USAGE, "target");
    Cli.run("convert", "-m", "0", image, "x").fails(ExitCode.USAGE, "-m");
    Cli.run("convert", "-l", "s", image, "x").fails(ExitCode.FAILED, "Can't find snapshot");
    Cli.run("convert", "--target-is-zero", image, "x").fails(ExitCode.USAGE, "-n");
    Cli.run("compare", image).fails(ExitCode.USAGE);
    Cli.run("check", "-r", "some", image).fails(ExitCode.USAGE, "some");
    Cli.run("dd", "if=x", "out=y").fails(ExitCode.USAGE, "out=y");
    Cli.run("dd", "of=y").fails(ExitCode.USAGE, "if=");
    Cli.run("measure").fails(ExitCode.USAGE, "--size");
    Cli.run("map", "-s", "1G", image).fails(ExitCode.USAGE, "1073741824");
    assertEquals(
        4L << 20, JsonText.object(Cli.succeed("info", "--output=json", image)).get("virtual-size"));
  }

  @Test
  void filesThatAreNotThere() throws IOException {
    Path missing = folder.resolve("missing");
    for (String verb : List.of("info", "map", "dump", "io")) {
      Cli.run(verb, missing).fails(ExitCode.FAILED, missing.toString());
      Cli.run(verb, folder).fails(ExitCode.FAILED, folder.toString(), "folder");
    }
    Cli.run("convert", missing, folder.resolve("x")).fails(ExitCode.FAILED, "missing");
    Cli.run("convert", image, folder).fails(ExitCode.FAILED, "folder");
    Cli.run("convert", image, folder.resolve("no/where")).fails(ExitCode.FAILED, "no");
    Cli.run("create", folder, "1M").fails(ExitCode.FAILED, "folder");
    assertTrue(Files.notExists(folder.resolve("x")));
  }

  @Test
  void imagesThatAreBroken() throws IOException {
    Path target = folder.resolve("target");
    Files.write(target, new byte[] {42});
    byte[] whole = Files.readAllBytes(image);
    Path cut = folder.resolve("cut.qcow2");
    Files.write(cut, Arrays.copyOf(whole, 60));
    Cli.run("info", cut).fails(ExitCode.MALFORMED, "cut.qcow2");
    Cli.run("convert", cut, target).fails(ExitCode.MALFORMED, "cut.qcow2");
    byte[] hugeTable = whole.clone();
    Arrays.fill(hugeTable, 36, 40, (byte) 0x7f);
    Files.write(cut, hugeTable);
    Cli run = Cli.run("convert", cut, target);
    assertTrue(
        run.code() == ExitCode.MALFORMED.number() || run.code() == ExitCode.OVER_LIMIT.number(),
        run.err());
    Cli.run("info", "-f", "vdi", image).fails(ExitCode.MALFORMED, "image.qcow2");
    assertArrayEquals(new byte[] {42}, Files.readAllBytes(target));
  }

  @Test
  void parentsThatAreOutOfReachMissingOrLooping() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path child = inner.resolve("child.qcow2");
    Cli.succeed(
        "create", "-q", "-f", "qcow2", "-u", "-b", "../image.qcow2", "-F", "qcow2", child, "4M");
    Cli.run("map", child).fails(ExitCode.OUT_OF_REACH, "../image.qcow2");
    Cli.succeed("map", "--allow-any-reference", child);
    Cli.succeed("map", "--allow", folder, child);
    assertTrue(Cli.succeed("info", child).contains("backing file: ../image.qcow2"));
    Path orphan = folder.resolve("orphan.qcow2");
    Cli.succeed(
        "create", "-q", "-f", "qcow2", "-u", "-b", "gone.qcow2", "-F", "qcow2", orphan, "4M");
    int code = Cli.run("map", orphan).code();
    assertTrue(code == ExitCode.FAILED.number() || code == ExitCode.WRONG_PARENT.number());
    Path loop = folder.resolve("loop.qcow2");
    Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", "loop.qcow2", "-F", "qcow2", loop, "4M");
    assertTrue(Cli.run("map", loop).err().contains("loop.qcow2"));
  }

  @Test
  void anImageInUseIsRefused() throws IOException {
    Process user = Peer.named("qemu-io").start("-f", "qcow2", image);
    try (OutputStream requests = user.getOutputStream()) {
      requests.write("write 0 512\n".getBytes(StandardCharsets.UTF_8));
      requests.flush();
      user.getInputStream().readNBytes("qemu-io> wrote".length());
      Cli.run("io", "-c", "write 0 512", image).fails(ExitCode.LOCKED, "image.qcow2");
      Cli.run("convert", image, folder.resolve("x")).fails(ExitCode.LOCKED, "image.qcow2");
      Cli.run("create", "-f", "qcow2", image, "1M").fails(ExitCode.LOCKED, "image.qcow2");
      assertTrue(Cli.succeed("info", "-U", image).contains("qcow2"));
    } finally {
      user.destroy();
      user.onExit().join();
    }
  }

  @Test
  void aClosedOutputIsToldInASentence() {
    var err = new ByteArrayOutputStream();
    var closed =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    String[] args = {"info", image.toString()};
    assertEquals(1, Main.run(args, InputStream.nullInputStream(), closed, err));
    assertEquals("platter: standard output: Broken pipe\n", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void everyCodeIsInTheHelp() {
    String help = Cli.succeed("--help");
    for (ExitCode code : ExitCode.values()) {
      assertTrue(help.contains("\n  " + code.number() + " "), code.toString());
    }
    for (String verb :
        List.of(
            "info", "convert", "create", "compare", "map", "check", "measure", "dd", "io", "dump",
            "formats")) {
      assertTrue(help.contains("\n  " + verb + " "), verb);
      assertTrue(Cli.succeed("help", verb).startsWith("Usage: platter " + verb), verb);
      assertTrue(Cli.succeed(verb, "--help").startsWith("Usage: platter " + verb), verb);
    }
  }
}
