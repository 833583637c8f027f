package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import dev.platter.tests.io.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full in the middle of the work.
class FullDiskTest {
  @TempDir Path folder;

  @Test
  void theOldTargetStays() throws IOException {
    Path raw = Files.write(folder.resolve("disk.raw"), Content.noise(1, 8 << 20));
    try (var disk = new SmallDisk(folder.resolve("small"), "3m")) {
      Path target = disk.folder().resolve("target");
      for (String options :
          List.of(
              "-O raw",
              "-O qcow2",
              "-c -O qcow2",
              "-O vdi",
              "-O vpc",
              "-O qcow2 -o preallocation=full",
              "-O qcow2 -o preallocation=falloc",
              "-O qcow2 -o data_file=" + disk.folder().resolve("data"))) {
        Files.writeString(target, "old");
        Object[] words =
            Stream.of(
                    Stream.of("convert", "-f", "raw"),
                    Stream.of(options.split(" ")),
                    Stream.of(raw, target))
                .flatMap(word -> word)
                .toArray();
        Cli run = Cli.run(words).fails(ExitCode.FAILED, disk.folder().toString(), "No space");
        assertFalse(run.err().contains(".part"), run.err());
        assertEquals("old", Files.readString(target), options);
        try (Stream<Path> left = Files.list(disk.folder())) {
          assertEquals(List.of(target), left.toList(), options);
        }
      }
      Cli.run("create", "-f", "raw", "-o", "preallocation=full", target, "5M")
          .fails(ExitCode.FAILED, "small/target", "No space");
      assertEquals("old", Files.readString(target));
    }
  }

  /// An image that cannot grow any more is still an image, with all that was written before.
  @Test
  void anImageThatCannotGrow() throws IOException {
    for (String format : List.of("qcow2", "vdi", "vpc")) {
      try (var disk = new SmallDisk(folder.resolve(format), "4m")) {
        Path image = disk.folder().resolve("disk");
        Cli.succeed("create", "-q", "-f", format, image, "16M");
        Cli run =
            Cli.run(
                "io", "-f", format, "-c", "write -q -P 1 0 1M", "-c", "write -q -P 2 1M 8M", image);
        assertEquals(ExitCode.FAILED.number(), run.code(), run.err());
        Cli.succeed("io", "-f", format, "-r", "-c", "read -q -P 1 0 1M", image);
        Cli.run("check", "-q", "-f", format, "-r", "all", image);
        Files.delete(Files.write(folder.resolve("none"), new byte[0]));
        Path copy = folder.resolve("copy." + format);
        Files.copy(image, copy);
        Cli.succeed("io", "-f", format, "-c", "write -q -P 3 8M 1M", copy);
        Cli.succeed("io", "-f", format, "-r", "-c", "read -q -P 1 0 1M", copy);
        Cli.succeed("check", "-q", "-f", format, copy);
        if (!format.equals("vpc")) {
          Peer.named("qemu-img").succeed("check", "-f", format, copy);
        }
      }
    }
  }
}
