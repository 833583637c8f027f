package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where QEMU 7.2 refuses or misreads what a specification allows: Platter makes such images on
/// request and reads them. When a newer QEMU learns one, its case fails and becomes a [Kind].
class StrangersTest {
  private static final String WRITE = "write -q -P 5 1M 3000";
  private static final String READ = "read -q -P 5 1M 3000";
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          qed  | table_size=1                 | QED table offset is invalid
          qed  | cluster_size=2M,table_size=16| QED image size is invalid
          vhdx | logical_sector_size=4096     | Operation not supported
          vpc  | block_size=512               | Pattern verification failed
          """)
  void imagesOfRareShapes(String format, String options, String refusal) throws IOException {
    Path image = folder.resolve("image");
    Cli.succeed("create", "-q", "-f", format, "-o", options, image, "4M");
    Cli.succeed("io", "-f", format, "-c", WRITE, image);
    Cli.succeed("io", "-r", "-f", format, "-c", READ, image);
    Cli.succeed("check", "-f", format, image);
    refused(format, image, refusal);
  }

  /// QEMU's own image of that shape is not read by QEMU either.
  @Test
  void itsOwn() throws IOException {
    Path image = folder.resolve("image.qed");
    Peer.named("qemu-img").succeed("create", "-q", "-f", "qed", "-o", "table_size=1", image, "4M");
    refused("qed", image, "QED table offset is invalid");
    Cli.succeed("io", "-f", "qed", "-c", WRITE, "-c", READ, image);
    Cli.succeed("check", "-f", "qed", image);
  }

  /// Children of VDI and VHDX are refused. Of a child VHD only its own blocks are read, without a
  /// warning.
  @ParameterizedTest
  @CsvSource({
    "vdi, unsupported VDI image (non-NULL link UUID)",
    "vhdx, Operation not supported",
    "vpc, Pattern verification failed"
  })
  void children(String format, String refusal) throws IOException {
    Path parent = folder.resolve("parent." + format);
    Path child = folder.resolve("child." + format);
    Cli.succeed("create", "-q", "-f", format, parent, "4M");
    Cli.succeed("io", "-f", format, "-c", WRITE, parent);
    Cli.succeed("create", "-q", "-f", format, "-b", parent.getFileName(), "-F", format, child);
    Cli.succeed("io", "-r", "-c", READ, child);
    refused(format, child, refusal);
  }

  private static void refused(String format, Path image, String refusal) throws IOException {
    Peer.Outcome outcome = Peer.named("qemu-io").run("-r", "-f", format, "-c", READ, image);
    assertNotEquals(0, outcome.status());
    assertTrue(outcome.output().contains(refusal), outcome.output());
  }

  /// Disks without a byte: of VMDK it opens none, not even its own, of VHDX only its own, which has
  /// a block allocation table of 64 MiB for it.
  @Test
  void nothing() throws IOException {
    Path vmdk = folder.resolve("empty.vmdk");
    Path vhdx = folder.resolve("empty.vhdx");
    for (Path image : List.of(vmdk, vhdx)) {
      Cli.succeed("create", "-q", "-f", format(image), image, 0);
      Cli.succeed("check", image);
    }
    assertNotEquals(0, Peer.named("qemu-img").run("info", vmdk).status());
    assertNotEquals(0, Peer.named("qemu-img").run("info", vhdx).status());
    for (Path image : List.of(vmdk, vhdx)) {
      Peer.named("qemu-img").succeed("create", "-q", "-f", format(image), image, 0);
      assertTrue(Cli.succeed("info", image).contains("virtual size: 0 B"));
    }
    assertNotEquals(0, Peer.named("qemu-img").run("info", vmdk).status());
  }

  private static String format(Path image) {
    String name = image.getFileName().toString();
    return name.substring(name.indexOf('.') + 1);
  }
}
