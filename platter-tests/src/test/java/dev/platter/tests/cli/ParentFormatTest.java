package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Parents whose format nobody said: believed if their name says it too, or their child says that
/// they are not raw.
class ParentFormatTest {
  private static final int SIZE = 3 << 20;

  @TempDir Path folder;

  private Path raw(String name) throws IOException {
    byte[] bytes = new byte[SIZE];
    for (int i = 0; i < 5000; i++) {
      bytes[i * 100] = (byte) (i + 1);
    }
    return Files.write(folder.resolve(name), bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "qed, qcow2, qcow2",
    "qed, raw, raw",
    "qcow, vdi, vdi",
    "qcow, raw, img",
    "vhd, vhd, vhd",
    "vhdx, vhdx, vhdx",
    "qcow2, qed, qed",
    "vdi, vdi, vdi"
  })
  void believed(String child, String parent, String extension) throws IOException {
    Path raw = raw("content");
    Path base = folder.resolve("base." + extension);
    Cli.succeed("convert", "-f", "raw", "-O", parent, raw, base);
    Path top = folder.resolve("top." + child);
    Cli.succeed("create", "-q", "-f", child, "-b", "base." + extension, top);
    Cli.succeed("compare", "-F", "raw", top, raw);
  }

  /// The format's own word: without the flag a QED image's parent is not raw, whatever its name.
  @Test
  void notRaw() throws IOException {
    Path raw = raw("content");
    Cli.succeed("convert", "-f", "raw", "-O", "qcow2", raw, folder.resolve("base"));
    Path top = folder.resolve("top.qed");
    Cli.succeed("create", "-q", "-f", "qed", "-b", "base", "-F", "qcow2", top);
    Cli.succeed("compare", "-F", "raw", top, raw);
    Peer.named("qemu-img").succeed("compare", "-f", "qed", "-F", "raw", top, raw);
  }

  /// A guest has written the header of an image into its raw disk.
  @ParameterizedTest
  @CsvSource({"qed", "qcow", "qcow2"})
  void writtenByGuest(String child) throws IOException {
    Path trap = folder.resolve("trap.qcow2");
    Cli.succeed("create", "-q", "-f", "qcow2", trap, SIZE);
    Path disk = folder.resolve("disk.raw");
    Files.copy(trap, disk);
    Path top = folder.resolve("top." + child);
    var refused = Cli.run("create", "-q", "-f", child, "-b", "disk.raw", top);
    assertEquals(64, refused.code());
    assertTrue(refused.err().contains("'disk.raw' looks like qcow2"), refused.err());
    Cli.succeed("create", "-q", "-f", child, "-b", "disk.raw", "-F", "raw", top);
    var opened = Cli.run("compare", "-F", "raw", top, disk);
    if (child.equals("qcow")) {
      assertEquals(12, opened.code(), opened.err());
      assertTrue(opened.err().contains("does not say the format of its parent"), opened.err());
    } else {
      assertEquals(0, opened.code(), opened.err());
    }
  }
}
