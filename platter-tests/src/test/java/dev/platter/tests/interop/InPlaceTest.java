package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Images of every kind, whoever made them, written in place by `platter io` and `qemu-io` in
/// turns: each sees what the other wrote, nothing leaks, and snapshots stay as they were.
class InPlaceTest {
  private static final int REQUESTS = 25;
  @TempDir Path folder;

  static Stream<Kind> kinds() {
    return Kind.all().filter(kind -> !kind.readOnly());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void guestsTakeTurns(Kind kind) throws IOException {
    for (long seed : Seed.all("turns", 1)) {
      Path raw = Content.mixed(folder.resolve("raw" + seed));
      Path ours = folder.resolve("ours" + seed);
      Path theirs = folder.resolve("theirs" + seed);
      kind.convert(raw, ours);
      kind.convertByStranger(raw, theirs);
      boolean snapshot = canHaveSnapshots(kind);
      Path before = folder.resolve("before" + seed);
      if (snapshot) {
        Files.copy(raw, before);
        Peer.named("qemu-img").succeed("snapshot", "-c", "kept", ours);
        Peer.named("qemu-img").succeed("snapshot", "-c", "kept", theirs);
      }
      for (int turn = 0; turn < 3; turn++) {
        Script script = Script.random(seed + turn, Files.size(raw), REQUESTS);
        script.runByStranger("raw", raw);
        for (Path image : List.of(ours, theirs)) {
          if (turn == 1) {
            script.runByStranger(kind.format(), image);
          } else {
            script.run(kind.format(), image);
          }
          kind.compareByStranger(image, raw);
          Cli.succeed("compare", "-f", kind.format(), "-F", "raw", image, raw);
          if (turn == 0 && image.equals(ours)) {
            kind.check(image);
          } else {
            kind.checkForeign(image);
          }
        }
      }
      if (snapshot) {
        assertSnapshot(ours, before);
        assertSnapshot(theirs, before);
      }
      if (kind.options().contains("data_file_raw")) {
        assertEquals(-1, Files.mismatch(raw, Path.of(ours + ".data")));
      }
    }
  }

  private static boolean canHaveSnapshots(Kind kind) {
    return kind.format().equals("qcow2")
        && !kind.options().contains("data_file")
        && !kind.options().contains("refcount_bits=1");
  }

  private void assertSnapshot(Path image, Path content) throws IOException {
    Path copy = folder.resolve("snapshot");
    Peer.named("qemu-img")
        .succeed("convert", "-f", "qcow2", "-O", "raw", "-l", "snapshot.name=kept", image, copy);
    assertEquals(-1, Files.mismatch(content, copy));
  }

  /// Sixty-four snapshots are listed, and each stays as it is whatever is written afterwards.
  @Test
  void manySnapshots() throws IOException {
    Path image = folder.resolve("many.qcow2");
    Cli.succeed("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", image, "1M");
    List<byte[]> contents = new ArrayList<>();
    Path raw = Content.sparse(folder.resolve("many.raw"), 1 << 20);
    for (int i = 0; i < 64; i++) {
      Script script = Script.random(i, 1 << 20, 3);
      script.run("qcow2", image);
      script.runByStranger("raw", raw);
      contents.add(Files.readAllBytes(raw));
      Peer.named("qemu-img").succeed("snapshot", "-c", "s" + i, image);
    }
    assertEquals(
        64,
        Cli.succeed("info", image)
            .lines()
            .filter(line -> line.matches("[0-9]+ +s[0-9]+ .*"))
            .count());
    Script last = Script.random(99, 1 << 20, 100);
    last.run("qcow2", image);
    last.runByStranger("raw", raw);
    new Kind("qcow2", "").check(image);
    Peer.named("qemu-img").succeed("compare", "-F", "raw", image, raw);
    Path copy = folder.resolve("copy.raw");
    for (int i = 0; i < 64; i += 7) {
      Peer.named("qemu-img")
          .succeed("convert", "-O", "raw", "-l", "snapshot.name=s" + i, image, copy);
      assertEquals(-1, Files.mismatch(copy, Files.write(folder.resolve("was"), contents.get(i))));
    }
  }
}
