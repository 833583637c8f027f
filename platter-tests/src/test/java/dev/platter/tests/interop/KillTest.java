package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `platter io` is killed in the middle of its writes: a repair makes the image whole, the stranger
/// finds nothing wrong with it, and what a flush has confirmed is there. Then it is written again.
class KillTest {
  private static final int UNIT = 12 << 10;
  private static final int UNITS = 400;
  @TempDir Path folder;

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("qcow2", ""),
        new Kind("qcow2", "lazy_refcounts=on"),
        new Kind("qcow2", "cluster_size=512,refcount_bits=64"),
        new Kind("qcow2", "extended_l2=on,cluster_size=16k"),
        new Kind("qcow2", "data_file=DATA"),
        new Kind("vdi", ""),
        new Kind("vpc", "force_size=on"),
        new Kind("vmdk", ""),
        new Kind("vmdk", "subformat=twoGbMaxExtentSparse", "split_size=1M", false),
        new Kind("vhdx", "block_size=1M"),
        new Kind("qed", ""),
        new Kind("qcow", ""),
        new Kind("parallels", "cluster_size=64k"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatWasFlushedSurvives(Kind kind) throws IOException {
    for (long seed : Seed.all("kill" + kind, 1)) {
      RandomGenerator dice = Seed.dice(seed);
      Path image = folder.resolve("disk" + seed);
      kind.create(image, (long) UNIT * UNITS + 512);
      var confirmed = new TreeMap<Integer, Integer>();
      for (int round = 0; round < 2; round++) {
        writeAndKill(kind, image, dice, confirmed);
        repair(kind, image);
        List<Object> words = new ArrayList<>(List.of("io", "-r", "-f", kind.format()));
        confirmed.forEach((unit, pattern) -> {
          words.add("-c");
          words.add("read -q -P " + pattern + " " + (long) unit * UNIT + " " + UNIT);
        });
        words.addAll(List.of("-c", "flush", image));
        assertTrue(confirmed.size() > 5, Seed.again(seed));
        Cli read = Cli.run(words.toArray());
        assertEquals(0, read.code(), () -> Seed.again(seed) + read.out() + read.err());
      }
    }
  }

  private static void repair(Kind kind, Path image) throws IOException {
    if (kind.format().equals("qcow")) {
      // has no repair: what a crash left behind the last cluster is the next writer's
      Cli.succeed("io", "-f", "qcow", "-c", "write -q -z " + UNIT * UNITS + " 512", image);
    } else if (!kind.format().equals("raw")) {
      Cli run = Cli.run("check", "-q", "-f", kind.format(), "-r", "all", image);
      assertEquals(0, run.code(), run.err() + run.out());
    }
    kind.check(image);
  }

  /// Every unit is written once in a session; those before an answered flush are confirmed.
  private static void writeAndKill(
      Kind kind, Path image, RandomGenerator dice, TreeMap<Integer, Integer> confirmed)
      throws IOException {
    Process process = Program.classes().start("io", "-f", kind.format(), image);
    int answersBeforeKill = dice.nextInt(20, UNITS / 2);
    try (OutputStream requests = process.getOutputStream();
        var answers =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      var written = new TreeMap<Integer, Integer>();
      int sent = 0;
      // so many at once that there is work in hand when the kill comes
      for (int answered = 0; answered < answersBeforeKill; answered++) {
        while (sent < answered + 40) {
          int unit = dice.nextInt(UNITS);
          int pattern = dice.nextInt(1, 256);
          confirmed.remove(unit);
          written.put(sent, unit << 8 | pattern);
          requests.write(
              ("write -f -P " + pattern + " " + (long) unit * UNIT + " " + UNIT + "\n").getBytes());
          sent++;
        }
        requests.flush();
        assertTrue(answers.readLine().startsWith("wrote "), "a write failed");
        assertTrue(answers.readLine().contains("ops"), "a write was not reported");
      }
      process.destroyForcibly();
      Program.await(process);
      // a unit that was written again later is not certain
      for (int request = 0; request < answersBeforeKill; request++) {
        int unit = written.get(request) >> 8;
        boolean last =
            written.tailMap(request, false).values().stream()
                .noneMatch(later -> later >> 8 == unit);
        if (last) {
          confirmed.put(unit, written.get(request) & 0xff);
        }
      }
    }
  }
}
