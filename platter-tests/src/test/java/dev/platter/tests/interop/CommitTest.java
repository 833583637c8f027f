package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same chains are committed by Platter and by `qemu-img`: what comes out is the same, and the
/// stranger reads and checks ours.
class CommitTest {
  private static final long SIZE = 6 << 20;
  @TempDir Path folder;

  /// A child in one format of a parent in another.
  ///
  /// @param options of the child
  record Pair(String child, String options, String parent) {
    @Override
    public String toString() {
      return child + options + " on " + parent;
    }
  }

  static Stream<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (String parent :
        List.of("raw", "qcow2", "vdi", "vpc", "vhdx", "qed", "vmdk", "parallels")) {
      pairs.add(new Pair("qcow2", "", parent));
    }
    pairs.add(new Pair("qcow2", "compat=0.10", "raw"));
    pairs.add(new Pair("qcow2", "extended_l2=on,cluster_size=128k", "qcow2"));
    pairs.add(new Pair("qed", "", "qed"));
    pairs.add(new Pair("vmdk", "", "vmdk"));
    return pairs.stream();
  }

  /// QEMU cannot commit into a Parallels image.
  private static boolean isCommittedByStranger(Pair pair) {
    return !pair.parent().equals("parallels");
  }

  private Path image(String name) {
    return folder.resolve(name);
  }

  /// A chain of a base and two children with content, made by Platter.
  private void build(Pair pair) throws IOException {
    List<Object> base = new ArrayList<>(List.of("create", "-q", "-f", pair.parent()));
    if (pair.parent().equals("vpc")) {
      base.addAll(List.of("-o", "force_size=on"));
    }
    base.addAll(List.of(image("base"), SIZE));
    Cli.succeed(base.toArray());
    Script.random(1, SIZE, 25).run(pair.parent(), image("base"));
    child(pair, "middle", "base", pair.parent());
    Script.random(2, SIZE, 15).run(pair.child(), image("middle"));
    child(pair, "top", "middle", pair.child());
    Script.random(3, SIZE, 15).run(pair.child(), image("top"));
  }

  private void child(Pair pair, String name, String parent, String format) {
    List<Object> words = new ArrayList<>(List.of("create", "-q", "-f", pair.child()));
    if (!pair.options().isEmpty()) {
      words.addAll(List.of("-o", pair.options()));
    }
    words.addAll(List.of("-b", parent, "-F", format, image(name)));
    Cli.succeed(words.toArray());
  }

  private Path stranger(String name) throws IOException {
    Path copies = Files.createDirectories(folder.resolve("stranger"));
    return copies.resolve(name);
  }

  private void copyAll() throws IOException {
    for (String name : List.of("base", "middle", "top")) {
      Files.copy(image(name), stranger(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void same(String format, String name) throws IOException {
    Peer.named("qemu-img")
        .succeed("compare", "-f", format, "-F", format, image(name), stranger(name));
    if (List.of("qcow2", "vdi", "vhdx", "qed", "vmdk", "parallels").contains(format)) {
      Peer.named("qemu-img").succeed("check", "-f", format, image(name));
    }
    if (!format.equals("raw")) {
      Cli.succeed("check", "-f", format, image(name));
    }
  }

  /// VMDK's child is for one state of its parent, which QEMU changes by the commit: its own chain
  /// cannot be opened afterwards, ours can.
  @ParameterizedTest
  @MethodSource("pairs")
  void intoTheParent(Pair pair) throws IOException {
    build(pair);
    copyAll();
    Path model = folder.resolve("model.raw");
    Cli.succeed("convert", "-f", pair.child(), image("top"), model);
    assertEquals("Image committed.\n", Cli.succeed("commit", "-f", pair.child(), image("top")));
    if (isCommittedByStranger(pair)) {
      Peer.named("qemu-img").succeed("commit", "-q", "-f", pair.child(), stranger("top"));
      same(pair.child(), "middle");
    }
    Peer.named("qemu-img").succeed("compare", "-f", pair.child(), "-F", "raw", image("top"), model);
    Peer.named("qemu-img")
        .succeed("compare", "-f", pair.child(), "-F", "raw", image("middle"), model);
    Cli.succeed("compare", "-f", pair.child(), "-F", "raw", image("top"), model);
    String map = Cli.succeed("map", "--output=json", "-f", pair.child(), image("top"));
    assertTrue(!map.contains("\"depth\": 0, \"present\": true"), map);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void intoTheBase(Pair pair) throws IOException {
    build(pair);
    copyAll();
    Path model = folder.resolve("model.raw");
    Cli.succeed("convert", "-f", pair.child(), image("top"), model);
    Cli.succeed("commit", "-q", "-f", pair.child(), "-b", image("base"), image("top"));
    if (isCommittedByStranger(pair)) {
      Peer.named("qemu-img")
          .succeed("commit", "-q", "-f", pair.child(), "-b", stranger("base"), stranger("top"));
      same(pair.parent(), "base");
    }
    Peer.named("qemu-img")
        .succeed("compare", "-f", pair.parent(), "-F", "raw", image("base"), model);
    Cli.succeed("compare", "-f", pair.child(), "-F", "raw", image("top"), model);
    assertEquals(
        Cli.succeed("hash", "-f", "raw", model).substring(0, 64),
        Cli.succeed("hash", "-f", pair.parent(), image("base")).substring(0, 64));
  }

  /// Killed in the middle, the child reads as before; run again, it ends as if nothing had been.
  @ParameterizedTest
  @MethodSource("pairs")
  void killedAndRunAgain(Pair pair) throws IOException {
    for (long seed : Seed.all("commit" + pair, 1)) {
      RandomGenerator dice = Seed.dice(seed);
      build(pair);
      Path model = folder.resolve("model.raw");
      Cli.succeed("convert", "-f", pair.child(), image("top"), model);
      Process process =
          Program.classes()
              .start("commit", "-r", "2M", "-f", pair.child(), "-b", image("base"), image("top"));
      sleep(dice.nextInt(300, 1500));
      process.destroyForcibly();
      Program.await(process);
      if (!pair.parent().equals("raw")) {
        Cli repair = Cli.run("check", "-q", "-f", pair.parent(), "-r", "all", image("base"));
        assertTrue(repair.code() == 0 || repair.code() == 63, repair::err);
      }
      Cli.succeed("compare", "-f", pair.child(), "-F", "raw", image("top"), model);
      Cli.succeed("commit", "-q", "-f", pair.child(), "-b", image("base"), image("top"));
      Cli.succeed("compare", "-f", pair.parent(), "-F", "raw", image("base"), model);
      Peer.named("qemu-img")
          .succeed("compare", "-f", pair.parent(), "-F", "raw", image("base"), model);
    }
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
