package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `map`, `compare`, `check` and `measure` beside those of `qemu-img`.
class MapTest {
  @TempDir Path folder;
  private Path base;
  private Path top;

  @BeforeEach
  void aChain() throws IOException {
    base = folder.resolve("base.qcow2");
    top = folder.resolve("top.qcow2");
    Peer peer = Peer.named("qemu-img");
    Peer io = Peer.named("qemu-io");
    peer.succeed("create", "-q", "-f", "qcow2", base, "4M");
    io.succeed("-f", "qcow2", "-c", "write -P 1 64k 256k", "-c", "write -P 2 2M 64k", base);
    peer.succeed("create", "-q", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", top, "5M");
    io.succeed("-f", "qcow2", "-c", "write -P 3 128k 64k", "-c", "write -z 2M 64k", top);
  }

  /// The runs of a map without what newer versions add, neighbours that say the same joined.
  private static List<String> runs(String json) {
    List<String> runs = new ArrayList<>();
    for (Object element : (List<?>) JsonText.parse(json)) {
      var run = (Map<?, ?>) element;
      runs.add(
          run.get("start")
              + "+"
              + run.get("length")
              + " at "
              + run.get("offset")
              + " depth "
              + run.get("depth")
              + " present "
              + run.get("present")
              + " zero "
              + run.get("zero")
              + " data "
              + run.get("data"));
    }
    return runs;
  }

  @Test
  void jsonIsTheSame() throws IOException {
    Peer peer = Peer.named("qemu-img");
    assertEquals(
        runs(peer.succeed("map", "--output=json", top)),
        runs(Cli.succeed("map", "--output=json", top)));
    assertEquals(
        runs(peer.succeed("map", "--output=json", "-s", "100k", "-l", "1M", top)),
        runs(Cli.succeed("map", "--output=json", "-s", "100k", "-l", "1M", top)));
  }

  @Test
  void textIsTheSame() throws IOException {
    assertEquals(Peer.named("qemu-img").succeed("map", top), Cli.succeed("map", top));
  }

  @Test
  void compareEndsWithTheSameWordsAndCodes() throws IOException {
    Peer peer = Peer.named("qemu-img");
    Path copy = folder.resolve("copy.raw");
    peer.succeed("convert", "-O", "raw", top, copy);
    Path longer = folder.resolve("longer.raw");
    peer.succeed("convert", "-O", "raw", base, longer);
    peer.succeed("resize", "-q", "-f", "raw", longer, "5M");
    for (List<Object> words :
        List.<List<Object>>of(
            List.of("compare", top, copy),
            List.of("compare", top, base),
            List.of("compare", "-s", top, base),
            List.of("compare", base, longer),
            List.of("compare", "-q", top, base))) {
      Peer.Outcome theirs = peer.run(words.toArray());
      Cli ours = Cli.run(words.toArray());
      assertEquals(theirs.status(), ours.code(), words.toString());
      assertEquals(theirs.output(), ours.out(), words.toString());
    }
    Cli.run("compare", top, folder.resolve("missing")).fails(ExitCode.ERROR, "missing");
    Cli.run("compare", "-f", "vdi", top, base).fails(ExitCode.MALFORMED, "top.qcow2");
  }

  @Test
  void checkEndsWithTheSameCodes() throws IOException {
    Peer peer = Peer.named("qemu-img");
    Path raw = folder.resolve("disk.raw");
    Path vdi = folder.resolve("disk.vdi");
    peer.succeed("create", "-q", "-f", "raw", raw, "1M");
    peer.succeed("create", "-q", "-f", "vdi", vdi, "3M");
    assertEquals(63, peer.run("check", raw).status());
    Cli.run("check", raw).fails(ExitCode.NO_CHECK, "does not support checks");
    Cli.run("check", folder.resolve("missing")).fails(ExitCode.FAILED, "missing");
    assertTrue(Cli.succeed("check", vdi).startsWith("No errors were found on the image.\n"));
    var json = JsonText.object(Cli.succeed("check", "--output=json", vdi));
    assertEquals(0L, json.get("check-errors"));
    assertEquals("vdi", json.get("format"));
    assertEquals("", Cli.succeed("check", "-q", vdi));
  }

  @Test
  void measureIsTheSame() throws IOException {
    Peer peer = Peer.named("qemu-img");
    for (String format : List.of("raw", "qcow2")) {
      var theirs = JsonText.object(peer.succeed("measure", "--output=json", "-O", format, base));
      var ours = JsonText.object(Cli.succeed("measure", "--output=json", "-O", format, base));
      assertEquals(theirs.get("fully-allocated"), ours.get("fully-allocated"), format);
      assertEquals(theirs.get("required"), ours.get("required"), format);
      List<String> lines = Cli.succeed("measure", "--size", "1G", "-O", format).lines().toList();
      List<String> theirLines =
          peer.succeed("measure", "--size", "1G", "-O", format).lines().toList();
      assertEquals(theirLines.get(1), lines.get(1));
      assertTrue(
          number(lines.get(0)) <= number(theirLines.get(0)), "an empty image has no L2 tables yet");
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(": ") + 2));
  }
}
