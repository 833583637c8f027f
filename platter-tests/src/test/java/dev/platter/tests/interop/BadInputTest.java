package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a user may throw at the command: one sentence, a documented code, nothing changed, an
/// end in time.
class BadInputTest {
  private static final Set<ExitCode> EXPECTED =
      Set.of(
          ExitCode.FAILED,
          ExitCode.ERROR,
          ExitCode.MALFORMED,
          ExitCode.UNSUPPORTED,
          ExitCode.WRONG_PARENT,
          ExitCode.OVER_LIMIT,
          ExitCode.OUT_OF_REACH,
          ExitCode.AMBIGUOUS);
  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void anImage() throws IOException {
    image = folder.resolve("good.qcow2");
    Path raw = Content.mixed(folder.resolve("good.raw"));
    Cli.succeed("convert", "-f", "raw", "-O", "qcow2", raw, image);
    Cli.succeed("convert", "-f", "raw", "-O", "vdi", raw, folder.resolve("good.vdi"));
    Cli.succeed("convert", "-f", "raw", "-O", "vpc", raw, folder.resolve("good.vhd"));
    Files.writeString(folder.resolve("target"), "old");
  }

  /// The command lines that read an image.
  private static List<List<Object>> readers(Path bad, Path target) {
    return List.of(
        List.of("info", bad),
        List.of("info", "--backing-chain", "--output=json", bad),
        List.of("map", bad),
        List.of("dump", bad),
        List.of("check", bad),
        List.of("compare", bad, bad),
        List.of("measure", "-O", "qcow2", bad),
        List.of("convert", "-O", "qcow2", bad, target),
        List.of("convert", "-c", "-O", "qcow2", bad, target),
        List.of("dd", "if=" + bad, "of=" + target, "bs=64k"),
        List.of("io", "-r", "-c", "read -q 0 512", bad));
  }

  private void allReadersEndWell(Path bad) throws IOException {
    Map<String, String> before = state();
    for (List<Object> words : readers(bad, folder.resolve("target"))) {
      Cli run =
          assertTimeoutPreemptively(
              Duration.ofSeconds(20), () -> Cli.run(words.toArray()), words::toString);
      String said = words + " said " + run.err();
      assertFalse(run.err().contains("internal error") || run.err().contains("\tat "), said);
      if (run.code() != 0 && !words.getFirst().equals("check")) {
        assertTrue(codes().contains(run.code()), run.code() + ", " + said);
        long sentences = run.err().lines().filter(line -> line.startsWith("platter: ")).count();
        assertTrue(sentences == 1 || words.getFirst().equals("io"), said);
      }
      if (run.code() == 0) {
        Files.writeString(folder.resolve("target"), "old");
      }
      assertEquals(before, state(), words::toString);
    }
  }

  private static Set<Integer> codes() {
    return Set.copyOf(EXPECTED.stream().map(ExitCode::number).toList());
  }

  /// Every file of the folder and what is in it.
  private Map<String, String> state() throws IOException {
    var state = new TreeMap<String, String>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        String content = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? hash(path) : "";
        state.put(path.toString(), content);
      }
    }
    return state;
  }

  private static String hash(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"good.qcow2", "good.vdi", "good.vhd"})
  void truncated(String name) throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(name));
    Path bad = folder.resolve("bad");
    for (int length : new int[] {0, 4, 513, 70_000, whole.length - 512, whole.length - 1}) {
      Files.write(bad, Arrays.copyOf(whole, length));
      allReadersEndWell(bad);
    }
  }

  /// Every field of the header, and the first entries of the tables, with hostile values.
  @ParameterizedTest
  @MethodSource("fields")
  void hostile(String name, int position) throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve(name));
    Path bad = folder.resolve("bad");
    List<Integer> values = List.of(0, -1, Integer.MAX_VALUE, position);
    for (int i = 0; i < Math.min(4, Seed.scaled(2)); i++) {
      int value = values.get((position / 4 + i) % 4);
      byte[] bytes = whole.clone();
      ByteBuffer.wrap(bytes).putInt(position, value);
      Files.write(bad, bytes);
      for (List<Object> words :
          List.of(
              List.<Object>of("info", bad),
              List.<Object>of("check", bad),
              List.<Object>of("convert", "-n", bad, folder.resolve("nowhere")),
              List.<Object>of("map", bad))) {
        Cli run = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> Cli.run(words.toArray()));
        String said = words + " at " + position + "=" + value + " said " + run.err();
        assertFalse(run.err().contains("internal error"), said);
        assertTrue(run.code() < ExitCode.USAGE.number(), said);
      }
      assertEquals(-1, Files.mismatch(bad, Files.write(folder.resolve("was"), bytes)));
    }
  }

  static Stream<org.junit.jupiter.params.provider.Arguments> fields() {
    IntStream qcow2 = IntStream.concat(IntStream.range(1, 28), IntStream.of(0x4000, 0xc000));
    Stream<org.junit.jupiter.params.provider.Arguments> all =
        qcow2.mapToObj(word -> arguments("good.qcow2", 4 * word));
    IntStream vdi = IntStream.concat(IntStream.range(16, 30), IntStream.range(82, 102));
    return Stream.concat(all, vdi.mapToObj(word -> arguments("good.vdi", 4 * word)));
  }

  private static org.junit.jupiter.params.provider.Arguments arguments(String name, int position) {
    return org.junit.jupiter.params.provider.Arguments.of(name, position);
  }

  @Test
  void parentsInALoopOrMissingOrOfUnknownFormat() throws IOException {
    child("self.qcow2", "self.qcow2", "qcow2");
    child("one.qcow2", "two.qcow2", "qcow2");
    child("two.qcow2", "one.qcow2", "qcow2");
    child("orphan.qcow2", "gone.qcow2", "qcow2");
    child("liar.qcow2", "good.vdi", "qcow2");
    Path strange = child("strange.qcow2", "good.qcow2", "qcow2");
    byte[] bytes = Files.readAllBytes(strange);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("qcow2", text.indexOf("\u00e2\u0079\u002a\u00ca"));
    System.arraycopy("luksx".getBytes(StandardCharsets.US_ASCII), 0, bytes, at, 5);
    Files.write(strange, bytes);
    Cli.run("map", strange).fails(ExitCode.UNSUPPORTED, "strange.qcow2", "'luksx'");
    Cli.run("map", folder.resolve("self.qcow2")).fails(ExitCode.WRONG_PARENT, "its own parent");
    Cli.run("map", folder.resolve("one.qcow2")).fails(ExitCode.WRONG_PARENT, "its own parent");
    Cli.run("map", folder.resolve("orphan.qcow2"))
        .fails(ExitCode.WRONG_PARENT, "orphan.qcow2", "gone.qcow2");
    Cli.run("map", folder.resolve("liar.qcow2")).fails(ExitCode.MALFORMED, "good.vdi");
    for (String name : List.of("self", "one", "orphan", "liar", "strange")) {
      allReadersEndWell(folder.resolve(name + ".qcow2"));
    }
  }

  private Path child(String name, String parent, String format) {
    Path child = folder.resolve(name);
    Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", parent, "-F", format, child, 5 << 20);
    return child;
  }

  @Test
  void notFilesAtAll() throws IOException {
    Path pipe = folder.resolve("pipe");
    Peer.named("mkfifo").succeed(pipe);
    List<Object> bad = new ArrayList<>(List.of(pipe, folder, folder.resolve("none"), "/dev/null"));
    for (Object name : bad) {
      allReadersEndWell(Path.of(name.toString()));
    }
    Cli.run("create", "-f", "qcow2", pipe, "1M").fails(ExitCode.FAILED, "named pipe");
    Cli.run("create", "-f", "qcow2", folder, "1M").fails(ExitCode.FAILED, "folder");
    Cli.run("convert", image, "/dev/full").fails(ExitCode.FAILED, "/dev/full", "No space");
  }

  @Test
  void wrongFormatsAreRefusedBeforeAnythingIsTouched() throws IOException {
    Map<String, String> before = state();
    Path target = folder.resolve("target");
    for (String name : List.of("good.qcow2", "good.vdi", "good.vhd", "good.raw")) {
      for (String format : List.of("qcow2", "vdi", "vpc")) {
        if (name.endsWith(format) || name.endsWith(".vhd") && format.equals("vpc")) {
          continue;
        }
        Path file = folder.resolve(name);
        Cli.run("info", "-f", format, file).fails(ExitCode.MALFORMED, name);
        Cli.run("convert", "-f", format, file, target).fails(ExitCode.MALFORMED, name);
        Cli.run("io", "-f", format, "-c", "write 0 512", file).fails(ExitCode.MALFORMED, name);
        Cli.run("check", "-r", "all", "-f", format, file).fails(ExitCode.FAILED, name);
      }
    }
    assertEquals(before, state());
  }

  /// An image and its data in one file would destroy each other.
  @Test
  void dataInTheImageItself() throws IOException {
    Path target = folder.resolve("both.qcow2");
    for (String name : List.of("both.qcow2", "./both.qcow2", target.toString())) {
      Cli.run("create", "-f", "qcow2", "-o", "data_file=" + name, target, "1M")
          .fails(ExitCode.USAGE, "both.qcow2", "same file");
    }
    assertTrue(Files.notExists(target));
    Cli.run("convert", "-O", "qcow2", "-o", "data_file=good.qcow2", image, target)
        .fails(ExitCode.LOCKED, "good.qcow2");
  }

  /// The target is refused while someone uses it, whoever came first, and stays as it was.
  @Test
  void aTargetInUse() throws IOException {
    Path used = folder.resolve("used.qcow2");
    Files.copy(image, used);
    Process user = Peer.named("qemu-io").start("-f", "qcow2", used);
    try (var requests = user.getOutputStream()) {
      requests.write("write 0 512\n".getBytes(StandardCharsets.UTF_8));
      requests.flush();
      user.getInputStream().readNBytes("qemu-io> wrote".length());
      Map<String, String> before = state();
      Path raw = folder.resolve("good.raw");
      Cli.run("convert", "-O", "qcow2", raw, used).fails(ExitCode.LOCKED, "used.qcow2");
      Cli.run("create", "-f", "qcow2", used, "1M").fails(ExitCode.LOCKED, "used.qcow2");
      Cli.run("convert", "-n", "-O", "qcow2", raw, used).fails(ExitCode.LOCKED, "used.qcow2");
      Cli.run("dd", "if=" + raw, "of=" + used).fails(ExitCode.LOCKED, "used.qcow2");
      Cli.run("check", "-r", "all", used).fails(ExitCode.FAILED, "used.qcow2");
      Cli.run("io", "-c", "write 0 512", used).fails(ExitCode.LOCKED, "used.qcow2");
      assertEquals(before, state());
    } finally {
      user.destroy();
      user.onExit().join();
    }
  }
}
