package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Chains of three images in every order of formats: written in each layer, read through,
/// flattened, and compared with strangers as far as they can read them.
class ChainTest {
  private static final long SIZE = 4 << 20;
  private static final List<String> BASES =
      List.of("raw", "qcow2", "vdi", "vpc", "vmdk", "vhdx", "qed", "qcow", "parallels");

  /// Formats whose children have parents of any format.
  private static final Set<String> FREE = Set.of("qcow2", "qed", "qcow");

  /// Formats whose children are of parents of their own.
  private static final Set<String> BOUND = Set.of("vdi", "vpc", "vmdk", "vhdx");

  /// Formats whose children `qemu-img` makes and reads.
  private static final Set<String> STRANGERS = Set.of("qcow2", "qed", "qcow", "vmdk");

  @TempDir Path folder;

  private static Stream<String> childrenOf(String parent) {
    return BASES.stream()
        .filter(child -> FREE.contains(child) || BOUND.contains(child) && child.equals(parent));
  }

  private static List<List<String>> all() {
    return BASES.stream()
        .flatMap(base ->
            childrenOf(base)
                .flatMap(middle -> childrenOf(middle).map(top -> List.of(base, middle, top))))
        .toList();
  }

  /// Formats from the base to the top: a third of the orders, which has every format above every
  /// other; all orders in a campaign.
  static Stream<List<String>> chains() {
    List<List<String>> all = all();
    int step = Seed.scaled(1) > 1 ? 1 : 3;
    return IntStream.range(0, all.size()).filter(i -> i % step == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("chains")
  void everyOrder(List<String> formats) throws IOException {
    Path model = Content.sparse(folder.resolve("model.raw"), SIZE);
    List<Path> images = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      String format = formats.get(layer);
      Path image = folder.resolve("layer" + layer + "." + extension(format));
      if (layer == 0) {
        Cli.succeed("create", "-q", "-f", format, image, SIZE);
      } else {
        child(formats.get(layer - 1), images.getLast(), format, image);
      }
      images.add(image);
      change(layer, format, image, model);
    }
    Path top = images.getLast();
    String format = formats.getLast();
    Cli.succeed("compare", "-f", format, "-F", "raw", top, model);
    Cli.succeed("check", "-f", format, top);
    if (STRANGERS.containsAll(formats.subList(1, 3))) {
      new Kind(format, "").compareByStranger(top, model);
      Script script = Script.random(7, SIZE, 20);
      script.runByStranger(format, top);
      script.runByStranger("raw", model);
      Cli.succeed("compare", "-f", format, "-F", "raw", top, model);
    }
    flattened(top, model);
    assertEquals(
        3,
        Cli.succeed("info", "--backing-chain", top)
            .lines()
            .filter(line -> line.startsWith("image: "))
            .count());
  }

  private static void child(String parentFormat, Path parent, String format, Path child) {
    Path name = parent.getFileName();
    Cli.succeed("create", "-q", "-f", format, "-b", name, "-F", parentFormat, child);
  }

  private static void change(int seed, String format, Path image, Path model) throws IOException {
    Script script = Script.random(seed, SIZE, 20);
    script.run(format, image);
    script.runByStranger("raw", model);
  }

  /// What is copied out of a chain is an image without parents that strangers read.
  private void flattened(Path top, Path model) throws IOException {
    Kind kind = new Kind("vdi", "");
    Path flat = folder.resolve("flat." + kind.format());
    Cli.succeed("convert", "-O", kind.format(), top, flat);
    kind.compareByStranger(flat, model);
    kind.check(flat);
    Path raw = folder.resolve("flat.raw");
    Cli.succeed("convert", top, raw);
    assertEquals(-1, Files.mismatch(raw, model));
  }

  static Stream<List<String>> strangersPairs() {
    return BASES.stream()
        .flatMap(parent ->
            childrenOf(parent).filter(STRANGERS::contains).map(child -> List.of(parent, child)));
  }

  /// Children that a stranger makes of a parent that it wrote: read, written in turns, and the base
  /// of a child of ours.
  @ParameterizedTest
  @MethodSource("strangersPairs")
  void childrenOfAStranger(List<String> formats) throws IOException {
    Path model = Content.sparse(folder.resolve("model.raw"), SIZE);
    Path parent = folder.resolve("parent." + extension(formats.getFirst()));
    Path child = folder.resolve("child." + formats.getLast());
    Peer qemu = Peer.named("qemu-img");
    Kind kind = new Kind(formats.getLast(), "");
    Script script = Script.random(1, SIZE, 20);
    script.runByStranger("raw", model);
    new Kind(formats.getFirst(), formats.getFirst().equals("vpc") ? "force_size=on" : "")
        .convertByStranger(model, parent);
    qemu.succeed(
        "create", "-q", "-f", kind.format(), "-b", parent, "-F", formats.getFirst(), child);
    Cli.succeed("compare", "-f", kind.format(), "-F", "raw", child, model);
    for (int turn = 2; turn < 5; turn++) {
      script = Script.random(turn, SIZE, 10);
      script.runByStranger("raw", model);
      if (turn == 3) {
        script.run(kind.format(), child);
      } else {
        script.runByStranger(kind.format(), child);
      }
      kind.compareByStranger(child, model);
      Cli.succeed("compare", "-f", kind.format(), "-F", "raw", child, model);
    }
    Path top = folder.resolve("top." + kind.format());
    child(kind.format(), child, kind.format(), top);
    change(9, kind.format(), top, model);
    kind.compareByStranger(top, model);
  }

  /// A child of a format that knows its parent by more than its name does not take another one, nor
  /// one that changed.
  @ParameterizedTest
  @ValueSource(strings = {"vdi", "vpc", "vmdk", "vhdx"})
  void theParentIsTheOneThatItWas(String format) throws IOException {
    Path parent = folder.resolve("parent." + extension(format));
    Path child = folder.resolve("child." + extension(format));
    Path kept = folder.resolve("kept");
    Cli.succeed("create", "-q", "-f", format, parent, SIZE);
    child(format, parent, format, child);
    Files.copy(parent, kept);
    if (!format.equals("vpc")) {
      // whose identity stays as it is when it is written
      Cli.succeed("io", "-c", "write -q -P 1 0 512", parent);
      refused(child);
    }
    Files.delete(parent);
    Cli.succeed("create", "-q", "-f", format, parent, SIZE);
    refused(child);
    Files.move(kept, parent, StandardCopyOption.REPLACE_EXISTING);
    Cli.succeed("io", "-c", "read -q -P 0 0 512", child);
  }

  private static void refused(Path child) {
    for (List<Object> words :
        List.of(
            List.<Object>of("map", child),
            List.<Object>of("io", "-c", "write -q 0 512", child),
            List.<Object>of("convert", child, child.resolveSibling("out")))) {
      Cli.run(words.toArray()).fails(ExitCode.WRONG_PARENT, child.getFileName().toString());
    }
    assertTrue(Files.notExists(child.resolveSibling("out")));
  }

  private static String extension(String format) {
    return switch (format) {
      case "vpc" -> "vhd";
      case "parallels" -> "hds";
      default -> format;
    };
  }
}
