package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that name files outside their folder: the system is asked what the command opens.
class CanaryTest {
  @TempDir Path folder;
  private Path inside;

  @BeforeEach
  void aFolderAndACanary() throws IOException {
    inside = Files.createDirectory(folder.resolve("inside"));
    Files.write(folder.resolve("canary"), new byte[1 << 20]);
    Files.createSymbolicLink(inside.resolve("link-canary"), folder.resolve("canary"));
    Files.createSymbolicLink(inside.resolve("up-canary"), folder);
    Peer.named("mkfifo").succeed(inside.resolve("pipe-canary"));
  }

  private List<String> names() {
    return List.of(
        "../canary",
        folder.resolve("canary").toString(),
        "link-canary",
        "up-canary/canary",
        "pipe-canary",
        "/dev/full",
        "nbd://127.0.0.1:1/canary",
        "json:{\"driver\":\"file\",\"filename\":\"../canary\"}",
        "file:../canary",
        "//server/canary",
        "fat:../canary");
  }

  @Test
  void nothingOutsideIsOpened() throws IOException {
    for (String name : names()) {
      Path parent = inside.resolve("parent.qcow2");
      Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", parent, 1 << 20);
      refused(parent, name);
    }
    assertOpened(inside.resolve("parent.qcow2"));
  }

  @Test
  void noDataFileOutsideIsOpened() throws IOException {
    for (String name : names()) {
      // made with a name of the same length, which is then written over
      String stand = "d".repeat(name.length());
      Path image = inside.resolve("data.qcow2");
      Cli.succeed("create", "-q", "-f", "qcow2", "-o", "data_file=" + stand, image, 1 << 20);
      byte[] bytes = Files.readAllBytes(image);
      String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      byte[] written = name.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      System.arraycopy(written, 0, bytes, text.indexOf(stand), written.length);
      Files.write(image, bytes);
      refused(image, name);
      Files.delete(inside.resolve(stand));
    }
  }

  private static void refused(Path image, String name) {
    for (String verb : List.of("map", "io", "compare")) {
      Object[] words =
          switch (verb) {
            case "io" -> new Object[] {"io", "-c", "read 0 512", image};
            case "compare" -> new Object[] {"compare", image, image};
            default -> new Object[] {verb, image};
          };
      Cli.run(words).fails(ExitCode.OUT_OF_REACH, image.getFileName().toString());
    }
    Cli.run("convert", image, image.resolveSibling("out"))
        .fails(ExitCode.OUT_OF_REACH, image.getFileName().toString());
    assertTrue(Files.notExists(image.resolveSibling("out")), name);
  }

  /// The files that a process of its own opens are the image and those of the machine.
  private void assertOpened(Path image) throws IOException {
    for (String name : List.of("../canary", "link-canary", "up-canary/canary")) {
      Cli.succeed("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", image, 1 << 20);
      Path log = folder.resolve("log");
      Program traced =
          Program.classes()
              .under(Peer.named("strace").program(), "-f", "-e", "openat,open,openat2", "-o", log);
      Program.Outcome run = traced.run("convert", image, inside.resolve("out"));
      assertEquals(ExitCode.OUT_OF_REACH.number(), run.code(), run.err());
      List<String> opened = Files.readAllLines(log);
      assertTrue(opened.stream().anyMatch(line -> line.contains(image.toString())), "no trace");
      assertFalse(
          opened.stream().anyMatch(line -> line.contains("canary") && !line.contains("= -1")),
          () -> String.join("\n", opened));
    }
  }
}
