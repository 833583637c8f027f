package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `io` beside `qemu-io`: the same script gives the same words, code and disk.
class IoTest {
  @TempDir Path folder;

  private static final List<String> SCRIPT =
      List.of(
          "length",
          "write -P 5 0 64k",
          "read -P 5 0 64k",
          "read -P 6 512 512",
          "read -v 65520 32",
          "write 1M 128k",
          "read -P 0xcd 1M 128k",
          "write -q -P 9 100 1000",
          "read -P 9 -s 10 -l 900 90 1010",
          "read -P 9 -s 900 -l 200 90 1010",
          "write -z 1M 64k",
          "read -P 0 1M 64k",
          "write -z -u 1088k 64k",
          "read -P 0 1088k 64k",
          "writev -P 7 2M 512 700 12",
          "readv -P 7 2M 512 700 12",
          "aio_write -P 8 3M 4k",
          "aio_flush",
          "aio_read -P 8 3M 4k",
          "aio_flush",
          "flush",
          "write -f -P 4 3M 512",
          "discard 0 64k",
          "alloc 2M",
          "write -z -P 3 0 512",
          "write -u 0 512",
          "write -n 0 512",
          "read -P 300 0 512",
          "read 1x 512",
          "read -P 1 -s 600 0 512",
          "read 20M 512",
          "read 0 0",
          "r 1k 1k",
          "help length",
          "sleep 1",
          "");

  private static List<Object> words(List<String> script, Path image, String format) {
    List<Object> words = new ArrayList<>(List.of("-f", format));
    for (String line : script) {
      words.add("-c");
      words.add(line);
    }
    words.add(image);
    return words;
  }

  /// Times and rates are never the same.
  private static String timeless(String output) {
    return output.replaceAll("ops; .*\n", "ops; T\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vdi"})
  void aScriptSaysAndDoesTheSame(String format) throws IOException {
    Path theirs = folder.resolve("theirs");
    Path ours = folder.resolve("ours");
    Peer.named("qemu-img").succeed("create", "-q", "-f", format, theirs, "4M");
    Files.copy(theirs, ours);
    Peer.Outcome outcome = Peer.named("qemu-io").run(words(SCRIPT, theirs, format).toArray());
    List<Object> command = words(SCRIPT, ours, format);
    command.addFirst("io");
    Cli run = Cli.run(command.toArray());
    assertEquals(timeless(outcome.output()), timeless(run.out()));
    assertEquals("", run.err());
    assertEquals(outcome.status(), run.code());
    Peer.named("qemu-img").succeed("compare", "-f", format, "-F", format, theirs, ours);
  }

  @Test
  void wrongLinesAreToldAndTheScriptGoesOn() throws IOException {
    Path image = folder.resolve("image.raw");
    Files.write(image, new byte[1 << 20]);
    Cli run =
        Cli.run(
            "io",
            "-f",
            "raw",
            "-c",
            "reed 0 512",
            "-c",
            "read 0",
            "-c",
            "read -x 0 512",
            "-c",
            "length",
            image);
    assertEquals(1, run.code());
    assertEquals("1 MiB\n", run.out());
    assertEquals(
        """
        command "reed" not found; did you mean 'read'?
        bad argument count 1 to read, expected at least 2 arguments
        read: invalid option -- 'x'
        read [-Cqv] [-P pattern [-s off] [-l len]] off len -- reads a number of bytes at a \
        specified offset
        """,
        run.err());
  }

  @Test
  void linesComeFromStandardInputToo() throws IOException {
    Path image = folder.resolve("image.raw");
    Files.write(image, new byte[1 << 20]);
    byte[] script =
        "write -P 7 0 512\nread -P 7 0 512\nq\nlength\n".getBytes(StandardCharsets.UTF_8);
    Cli run = Cli.run(script, "io", "-f", "raw", image);
    assertEquals(0, run.code(), run.err());
    assertEquals(4, run.out().lines().count(), run.out());
    assertEquals(7, Files.readAllBytes(image)[511]);
  }

  @Test
  void reopeningAndOpeningChangeTheImage() throws IOException {
    Path image = folder.resolve("image.raw");
    Files.write(image, new byte[1 << 20]);
    Cli run =
        Cli.run(
            "io",
            "-f",
            "raw",
            "-c",
            "reopen -r",
            "-c",
            "write 0 512",
            "-c",
            "reopen -w",
            "-c",
            "write -P 1 0 512",
            "-c",
            "close",
            "-c",
            "length",
            "-c",
            "open -r -o driver=raw " + image,
            "-c",
            "read -P 1 0 512",
            image);
    assertEquals(1, run.code());
    assertTrue(run.err().startsWith("platter: Block node is read-only\n"), run.err());
    assertTrue(run.err().endsWith("no file open, try 'help open'\n"), run.err());
    assertFalse(run.out().contains("Pattern"), run.out());
  }

  @Test
  void aGuessedRawDiskIsNotMadeToLookLikeAnotherFormat() throws IOException {
    Path image = folder.resolve("image");
    Path header = folder.resolve("header");
    Files.write(image, new byte[1 << 20]);
    Path qcow = folder.resolve("other.qcow2");
    Cli.succeed("create", "-q", "-f", "qcow2", qcow, "1M");
    Files.write(header, java.util.Arrays.copyOf(Files.readAllBytes(qcow), 512));
    String write = "write -s " + header + " 0 512";
    Cli refused = Cli.run("io", "-c", write, "-c", "write -P 1 512 512", image);
    assertEquals(1, refused.code());
    assertTrue(refused.out().contains("would make it look like"), refused.out());
    assertTrue(refused.out().contains("wrote 512/512 bytes at offset 512"), refused.out());
    assertEquals(0, Files.readAllBytes(image)[0]);
    assertEquals(0, Cli.run("io", "-f", "raw", "-c", write, image).code());
    assertEquals('Q', Files.readAllBytes(image)[0]);
  }

  @Test
  void compressedWritesAreReadByQemu() throws IOException {
    Path image = folder.resolve("image.qcow2");
    Peer.named("qemu-img").succeed("create", "-q", "-f", "qcow2", image, "1M");
    Cli run =
        Cli.run(
            "io",
            "-f",
            "qcow2",
            "-c",
            "write -c -P 7 64k 128k",
            "-c",
            "write -c 0 512",
            "-c",
            "read -P 7 64k 128k",
            image);
    assertEquals(1, run.code(), "a part of a cluster cannot be compressed");
    assertTrue(run.out().contains("write failed: "), run.out());
    Peer.named("qemu-io").succeed("-r", "-f", "qcow2", "-c", "read -P 7 64k 128k", image);
    Peer.named("qemu-img").succeed("check", image);
  }
}
