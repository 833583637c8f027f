package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Children get other parents: what they hold stays, strangers read it, and where QEMU can do the
/// same it ends with the same.
class RebaseTest {
  private static final long SIZE = 6 << 20;
  @TempDir Path folder;

  /// A child in one format of parents in another.
  record Pair(String child, String parent) {}

  static Stream<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (String parent : List.of("raw", "qcow2", "vdi", "vpc", "vhdx", "vmdk")) {
      pairs.add(new Pair("qcow2", parent));
    }
    for (String own : List.of("vdi", "vpc", "vhdx", "qed", "qcow")) {
      pairs.add(new Pair(own, own));
    }
    return pairs.stream();
  }

  private static String extension(String format) {
    return format.equals("vpc") ? "vhd" : format;
  }

  private Path file(String name, String format) {
    return folder.resolve(name + "." + extension(format));
  }

  private Path base(String name, Pair pair, long size, long seed) {
    Path file = file(name, pair.parent());
    List<Object> words = new ArrayList<>(List.of("create", "-q", "-f", pair.parent()));
    if (pair.parent().equals("vpc")) {
      words.addAll(List.of("-o", "force_size=on"));
    }
    words.addAll(List.of(file, size));
    Cli.succeed(words.toArray());
    Script.random(seed, size, 20).run(pair.parent(), file);
    return file;
  }

  private Path child(String name, String format, Path parent, String parentFormat, long seed) {
    Path file = file(name, format);
    Cli.succeed("create", "-q", "-f", format, "-b", parent.getFileName(), "-F", parentFormat, file);
    Script.random(seed, SIZE, 12).run(format, file);
    return file;
  }

  /// The top of a chain of three, and what it holds as a raw disk.
  private Path chain(Pair pair, Path model) {
    Path base = base("base", pair, SIZE, 1);
    Path middle = child("middle", pair.child(), base, pair.parent(), 2);
    Path top = child("top", pair.child(), middle, pair.child(), 3);
    Cli.succeed("convert", "-f", pair.child(), top, model);
    return top;
  }

  private static void holds(String format, Path image, Path model) throws IOException {
    Cli.succeed("compare", "-f", format, "-F", "raw", image, model);
    Cli check = Cli.run("check", "-f", format, image);
    // a VHDX image without a parent leaves the sector bitmaps behind that it had as a child
    assertTrue(check.code() == 0 || check.code() == ExitCode.LEAKS.number(), check::err);
    if (List.of("qcow2", "qed").contains(format)) {
      Peer.named("qemu-img").succeed("compare", "-f", format, "-F", "raw", image, model);
      Peer.named("qemu-img").succeed("check", "-f", format, image);
    }
  }

  private static int images(Path top) {
    return (int) Cli.succeed("chain", top).lines().count();
  }

  /// The other parent is as large, smaller or larger.
  @ParameterizedTest
  @MethodSource("pairs")
  void ontoAnother(Pair pair) throws IOException {
    Path model = folder.resolve("model.raw");
    Path top = chain(pair, model);
    long[] sizes = {SIZE, SIZE / 2, 2 * SIZE};
    for (int round = 0; round < sizes.length; round++) {
      Path other = base("other" + round, pair, sizes[round], 10 + round);
      boolean peer = pair.child().equals("qcow2");
      Path copy = folder.resolve("copy.qcow2");
      if (peer) {
        Files.copy(top, copy);
      }
      Object[] words = {
        "rebase", "-f", pair.child(), "-b", other.getFileName(), "-F", pair.parent()
      };
      Cli.succeed(with(words, top));
      holds(pair.child(), top, model);
      assertEquals(2, images(top));
      if (peer) {
        Peer.named("qemu-img").succeed(with(words, copy));
        Peer.named("qemu-img").succeed("compare", top, copy);
        Cli.succeed("compare", top, copy);
        Files.delete(copy);
      }
    }
  }

  private static Object[] with(Object[] words, Object last) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.add(last);
    return all.toArray();
  }

  /// Without a parent every stranger reads it, not only those that know children.
  @ParameterizedTest
  @MethodSource("pairs")
  void ontoNothing(Pair pair) throws IOException {
    Path model = folder.resolve("model.raw");
    Path top = chain(pair, model);
    Cli.succeed("rebase", "-f", pair.child(), "-b", "", top);
    Files.delete(file("base", pair.parent()));
    Files.delete(file("middle", pair.child()));
    holds(pair.child(), top, model);
    Peer.named("qemu-img").succeed("compare", "-f", pair.child(), "-F", "raw", top, model);
    assertEquals(1, images(top));
    Cli.succeed("flatten", "-f", pair.child(), top);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void removedFromTheMiddle(Pair pair) throws IOException {
    for (String into : List.of("child", "parent")) {
      Path model = folder.resolve("model.raw");
      Path top = chain(pair, model);
      Path middle = file("middle", pair.child());
      Cli.succeed("remove", "-f", pair.child(), "--into", into, top, middle);
      assertFalse(Files.exists(middle));
      holds(pair.child(), top, model);
      assertEquals(2, images(top));
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void mergedIntoTheChild(Pair pair) throws IOException {
    Path model = folder.resolve("model.raw");
    Path top = chain(pair, model);
    Cli.succeed("merge", "-f", pair.child(), "--into", "child", "--delete", top);
    assertFalse(Files.exists(file("middle", pair.child())));
    holds(pair.child(), top, model);
    Cli.succeed("merge", "-q", "--into", "parent", "-f", pair.child(), top);
    Cli.succeed("compare", "-F", "raw", "-f", pair.parent(), file("base", pair.parent()), model);
  }

  /// Killed in the middle it holds the same, on the old chain or without a parent.
  @ParameterizedTest
  @MethodSource("pairs")
  void killed(Pair pair) throws IOException {
    RandomGenerator dice = Seed.dice(Seed.all("flatten" + pair, 1).getFirst());
    Path model = folder.resolve("model.raw");
    Path top = chain(pair, model);
    Process process = Program.classes().start("flatten", "-r", "4M", "-f", pair.child(), top);
    try {
      Thread.sleep(dice.nextInt(300, 1500));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    Program.await(process);
    Cli.succeed("compare", "-f", pair.child(), "-F", "raw", top, model);
    Cli repair = Cli.run("check", "-q", "-f", pair.child(), "-r", "all", top);
    assertTrue(repair.code() == 0 || repair.code() == ExitCode.NO_CHECK.number(), repair::err);
    holds(pair.child(), top, model);
    Cli.succeed("flatten", "-f", pair.child(), top);
    holds(pair.child(), top, model);
    assertEquals(1, images(top));
  }

  /// A chain that was moved: only the reference changes.
  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "qed", "vpc", "vhdx"})
  void aMovedParent(String format) throws IOException {
    Pair pair = new Pair(format, format);
    Path model = folder.resolve("model.raw");
    Path top = chain(pair, model);
    Path moved = file("moved", format);
    Files.move(file("middle", format), moved);
    assertEquals(ExitCode.WRONG_PARENT.number(), Cli.run("chain", top).code());
    Cli.succeed("rebase", "-u", "-b", moved.getFileName(), "-F", format, "-f", format, top);
    holds(format, top, model);
    Cli.succeed("rebase", "-u", "-b", "gone." + format, "-F", format, "-f", format, top);
    assertTrue(Cli.run("chain", top).out().contains("gone." + format));
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    Pair pair = new Pair("qcow2", "qcow2");
    Path top = chain(pair, folder.resolve("model.raw"));
    Cli.run("rebase", top).fails(ExitCode.USAGE, "-b");
    Cli.run("rebase", "-b", "top.qcow2", "-F", "qcow2", top).fails(ExitCode.USAGE, "same file");
    Path above = child("above", "qcow2", top, "qcow2", 9);
    Cli.run("rebase", "-b", above.getFileName(), "-F", "qcow2", file("base", "qcow2"))
        .fails(ExitCode.USAGE, "same file");
    Cli.run("remove", top, top).fails(ExitCode.USAGE, "the top of the chain");
    Cli.run("remove", "--into", "parent", top, file("base", "qcow2"))
        .fails(ExitCode.USAGE, "has no parent");
    Cli.run("merge", top).fails(ExitCode.USAGE, "--into");
  }
}
