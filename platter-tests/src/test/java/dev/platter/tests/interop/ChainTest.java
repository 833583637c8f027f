package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Chains of three images in every order of formats: written in each layer, read through,
/// flattened, and compared with strangers as far as they can read them.
class ChainTest {
  private static final long SIZE = 4 << 20;
  @TempDir Path folder;

  /// Formats from the base to the top. A QCOW2 image has a parent of any format, others of their
  /// own.
  static Stream<List<String>> chains() {
    List<List<String>> chains = new ArrayList<>();
    for (String base : List.of("raw", "qcow2", "vdi", "vpc")) {
      for (String middle : List.of("qcow2", "vdi", "vpc")) {
        for (String top : List.of("qcow2", "vdi", "vpc")) {
          if (fits(base, middle) && fits(middle, top)) {
            chains.add(List.of(base, middle, top));
          }
        }
      }
    }
    return chains.stream();
  }

  private static boolean fits(String parent, String child) {
    return child.equals("qcow2") || child.equals(parent);
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
        Path parent = images.getLast().getFileName();
        Cli.succeed(
            "create", "-q", "-f", format, "-b", parent, "-F", formats.get(layer - 1), image);
      }
      images.add(image);
      Script script = Script.random(layer, SIZE, 20);
      script.run(format, image);
      script.runByStranger("raw", model);
    }
    Path top = images.getLast();
    String format = formats.getLast();
    Cli.succeed("compare", "-f", format, "-F", "raw", top, model);
    if (!format.equals("raw")) {
      Cli.succeed("check", "-f", format, top);
    }
    flattened(formats, top, model);
    assertEquals(
        3,
        Cli.succeed("info", "--backing-chain", top)
            .lines()
            .filter(line -> line.startsWith("image: "))
            .count());
  }

  /// No stranger here reads children in VDI or VHD; what is copied out of them it reads.
  private void flattened(List<String> formats, Path top, Path model) throws IOException {
    if (formats.getLast().equals("qcow2")
        && fits(formats.getFirst(), "qcow2")
        && formats.get(1).equals("qcow2")) {
      Peer.named("qemu-img").succeed("compare", "-F", "raw", top, model);
      Peer.named("qemu-img").succeed("check", top);
      Script script = Script.random(7, SIZE, 20);
      script.runByStranger("qcow2", top);
      script.runByStranger("raw", model);
      Cli.succeed("compare", "-F", "raw", top, model);
    }
    for (Kind kind : List.of(new Kind("qcow2", "", false), new Kind("vdi", "", false))) {
      Path flat = folder.resolve("flat." + kind.format());
      Cli.succeed("convert", "-O", kind.format(), top, flat);
      kind.compareByStranger(flat, model);
      kind.check(flat);
    }
    Path raw = folder.resolve("flat.raw");
    Cli.succeed("convert", top, raw);
    assertEquals(-1, Files.mismatch(raw, model));
  }

  private static String extension(String format) {
    return format.equals("vpc") ? "vhd" : format;
  }
}
