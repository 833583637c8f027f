package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ctrl-C at any time: the old target stays, or the new one is whole; nothing half-made is left.
class InterruptionTest {
  @TempDir Path folder;
  private Path raw;
  private Path target;

  @BeforeEach
  void disks() throws IOException {
    raw = Files.write(folder.resolve("disk.raw"), Content.noise(1, 48 << 20));
    target = folder.resolve("target.qcow2");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-O qcow2", "-c -O qcow2", "-O qcow2 -o data_file=data", "-O vdi"})
  void theOldTargetStaysOrTheNewIsWhole(String options) throws IOException {
    for (long seed : Seed.all("interruption" + options, 3)) {
      RandomGenerator dice = Seed.dice(seed);
      Files.writeString(target, "old");
      boolean data = options.contains("data_file");
      if (data) {
        Files.writeString(folder.resolve("data"), "old");
      }
      Stream<String> words =
          Stream.of(
                  Stream.of("convert", "-f", "raw"),
                  Stream.of(
                      options
                          .replace("data_file=data", "data_file=" + folder.resolve("data"))
                          .split(" ")),
                  Stream.of(raw.toString(), target.toString()))
              .flatMap(word -> word);
      Process process = Program.classes().start(words.toArray());
      process.getOutputStream().close();
      sleep(dice.nextInt(150, 900));
      Program.signal(process, dice.nextBoolean() ? "INT" : "TERM");
      String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = Program.await(process);
      assertTrue(
          code == 0 && err.isEmpty()
              || code == 130 && err.equals("platter: interrupted\n")
              // before the command itself has begun
              || (code == 130 || code == 143) && !err.contains("platter"),
          () -> Seed.again(seed) + ": " + code + " " + err);
      assertEquals(
          data ? List.of("data", "disk.raw", "target.qcow2") : List.of("disk.raw", "target.qcow2"),
          files(),
          () -> Seed.again(seed));
      boolean old = Files.size(target) == 3;
      if (data) {
        assertEquals(old, Files.size(folder.resolve("data")) == 3, () -> Seed.again(seed));
      }
      assertEquals(old, code != 0, () -> Seed.again(seed));
      if (!old) {
        Peer.named("qemu-img").succeed("compare", "-f", "raw", raw, target);
      }
    }
  }

  /// What was taken in from standard input goes, too.
  @Test
  void standardInput() throws IOException {
    Process process = Program.classes().start("convert", "-O", "qcow2", "-", target);
    process.getOutputStream().write(new byte[1 << 20]);
    process.getOutputStream().flush();
    for (int wait = 0; wait < 100 && files().size() < 2; wait++) {
      sleep(50);
    }
    Program.signal(process, "INT");
    assertEquals(130, Program.await(process));
    assertEquals(List.of("disk.raw"), files());
  }

  /// A run that was killed leaves a file behind, and the next one takes it away.
  @Test
  void theNextRunTidiesUpAfterAKill() throws IOException {
    Process process = Program.classes().start("convert", "-r", "1M", "-O", "qcow2", raw, target);
    for (int wait = 0; wait < 200 && files().size() < 2; wait++) {
      sleep(50);
    }
    process.destroyForcibly();
    Program.await(process);
    assertTrue(files().getFirst().endsWith(".part"), files()::toString);
    Cli.succeed("convert", "-f", "raw", "-O", "qcow2", raw, target);
    assertEquals(List.of("disk.raw", "target.qcow2"), files());
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
