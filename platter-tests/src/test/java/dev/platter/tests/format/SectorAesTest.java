package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Encrypted images of QEMU's first two formats, made by QEMU.
class SectorAesTest {
  private static final int SIZE = 3 << 20;
  private static final String KEY = "a key that is longer than sixteen bytes";

  private final Peer qemuImg = Peer.named("qemu-img");
  @TempDir private Path folder;

  private Path encrypted(String format, String options, String key) throws IOException {
    Path raw = folder.resolve("disk.raw");
    byte[] content = new byte[SIZE];
    new SplittableRandom(7).nextBytes(content);
    java.util.Arrays.fill(content, SIZE / 3, SIZE / 2, (byte) 0);
    Files.write(raw, content);
    Path file = Files.writeString(folder.resolve("key"), key);
    Path image = folder.resolve("disk." + format);
    String encryption = "encrypt.format=aes,encrypt.key-secret=s" + options;
    qemuImg.succeed(
        "convert",
        "--object",
        "secret,id=s,file=" + file,
        "-f",
        "raw",
        "-O",
        format,
        "-o",
        encryption,
        raw,
        image);
    return image;
  }

  @ParameterizedTest
  @CsvSource({
    "qcow, '', a key that is longer than sixteen bytes",
    "qcow, '', short",
    "qcow2, '', a key that is longer than sixteen bytes",
    "qcow2, ',cluster_size=512', short",
    "qcow2, ',cluster_size=2M,compat=0.10', sixteen bytes ok"
  })
  void read(String format, String options, String key) throws IOException {
    Path image = encrypted(format, options, key);
    Path out = folder.resolve("out.raw");
    Path file = folder.resolve("key");
    Cli.succeed("convert", "--key-file", file, image, out);
    assertEquals(-1, Files.mismatch(folder.resolve("disk.raw"), out));
    String described = "driver=" + format + ",encrypt.key-secret=s,file.filename=" + image;
    Path base64 =
        Files.writeString(
            folder.resolve("key64"),
            Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8)) + "\n");
    Cli.succeed(
        "io",
        "--object",
        "secret,id=t,env=PATH",
        "--object",
        "secret,id=s,format=base64,file=" + base64,
        "--image-opts",
        "-r",
        "-c",
        "read -q 1000 70000",
        described);
    Cli.succeed("compare", "-F", "raw", "--key-file", file, image, folder.resolve("disk.raw"));
  }

  /// Sectors of a child are its own, the others its parent's.
  @Test
  void child() throws IOException {
    Path base = encrypted("qcow", "", KEY);
    Path child = folder.resolve("child.qcow");
    String options = "encrypt.format=aes,encrypt.key-secret=s";
    String object = "secret,id=s,file=" + folder.resolve("key");
    String image = "driver=qcow,encrypt.key-secret=s,file.filename=";
    Path plain = folder.resolve("disk.raw");
    qemuImg.succeed(
        "create",
        "-q",
        "--object",
        object,
        "-f",
        "qcow",
        "-F",
        "raw",
        "-b",
        plain,
        "-o",
        options,
        child);
    Peer.named("qemu-io")
        .succeed("--object", object, "--image-opts", "-c", "write -P 9 5000 100000", image + child);
    byte[] wanted = Files.readAllBytes(plain);
    java.util.Arrays.fill(wanted, 5000, 105_000, (byte) 9);
    Path out = folder.resolve("out.raw");
    Cli.succeed("convert", "--key-file", folder.resolve("key"), child, out);
    assertArrayEquals(wanted, Files.readAllBytes(out));
    assertTrue(Files.size(base) > SIZE / 2);
  }

  @Test
  void withoutOrWithAnotherKey() throws IOException {
    for (String format : new String[] {"qcow", "qcow2"}) {
      Path image = encrypted(format, "", KEY);
      Path out = folder.resolve("out.raw");
      Cli.run("convert", image, out).fails(ExitCode.WRONG_KEY, "encrypted (AES)");
      Cli.run("convert", "--key-file", folder.resolve("none"), image, out).fails(ExitCode.FAILED);
      Cli.run("convert", "--object", "secret,id=x,data=abc", image, out)
          .fails(ExitCode.USAGE, "command line");
      assertTrue(Cli.succeed("info", image).contains("encrypted: yes"));
      Cli.succeed("check", image);
      Path wrong = Files.writeString(folder.resolve("wrong"), "wrong");
      Cli.succeed("convert", "--key-file", wrong, image, out);
      assertNotEquals(-1, Files.mismatch(folder.resolve("disk.raw"), out));
      byte[] before = Files.readAllBytes(image);
      var written = Cli.run("io", "--key-file", wrong, "-c", "write 0 4k", image);
      assertEquals(ExitCode.FAILED.number(), written.code());
      assertTrue((written.out() + written.err()).contains("only read"), written.err());
      assertArrayEquals(before, Files.readAllBytes(image));
    }
  }
}
