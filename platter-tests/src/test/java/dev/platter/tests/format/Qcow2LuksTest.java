package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// QCOW2 images with LUKS inside, in QEMU and here.
class Qcow2LuksTest {
  private static final String NEW = "encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=";
  @TempDir private Path folder;
  private Path key;
  private Path raw;
  private Path image;

  @BeforeEach
  void files() throws IOException {
    key = Files.writeString(folder.resolve("key"), "correct horse");
    raw = Files.write(folder.resolve("disk.raw"), TwoLevelLab.guest(3 << 20, 2));
    image = folder.resolve("disk.qcow2");
  }

  private String secret() {
    return "secret,id=key,file=" + key;
  }

  private String description(Path of) {
    return "driver=qcow2,encrypt.key-secret=key,file.filename=" + of;
  }

  private void convert(String options) {
    Cli.succeed(
        "convert",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "--object",
        secret(),
        "-o",
        NEW + "1" + options,
        raw,
        image);
  }

  private void qemuIo(String... commands) throws IOException {
    List<Object> arguments =
        new ArrayList<>(List.of("--object", secret(), "--image-opts", description(image)));
    for (String command : commands) {
      arguments.addAll(List.of("-c", command));
    }
    String said = Peer.named("qemu-io").succeed(arguments.toArray());
    assertFalse(said.contains("failed"), said);
  }

  private void sound() throws IOException {
    String said =
        Peer.named("qemu-img")
            .succeed("check", "--object", secret(), "--image-opts", description(image));
    assertTrue(said.startsWith("No errors were found"), said);
    Cli.succeed("check", image);
  }

  private void same() throws IOException {
    Peer.named("qemu-img")
        .succeed(
            "compare",
            "--object",
            secret(),
            "--image-opts",
            "driver=raw,file.filename=" + raw,
            description(image));
    Cli.succeed("compare", "--object", secret(), raw, image);
  }

  /// QEMU measures how fast the machine is, and gives up where it is too busy.
  private void qemuMakes(String options) throws IOException {
    Object[] arguments = {
      "convert",
      "--object",
      secret(),
      "-f",
      "raw",
      "-O",
      "qcow2",
      "-o",
      NEW + "50" + options,
      raw,
      image
    };
    var said = Peer.named("qemu-img").run(arguments);
    for (int tries = 0; said.status() != 0 && tries < 20; tries++) {
      assertTrue(said.output().contains("CPU usage"), said.output());
      said = Peer.named("qemu-img").run(arguments);
    }
    assertEquals(0, said.status(), said.output());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",cluster_size=4096,encrypt.cipher-alg=aes-128,encrypt.hash-alg=sha1",
        ",extended_l2=on",
        ",compat=0.10",
        ",preallocation=metadata"
      })
  void qemuReadsAndChangesWhatIsConverted(String options) throws IOException {
    convert(options);
    same();
    sound();
    qemuIo("write -P 7 100k 70k", "write -P 8 2M 1k");
    Cli.succeed("io", "-c", "write -P 7 100k 70k", "-c", "write -P 8 2M 1k", "-f", "raw", raw);
    same();
    sound();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",cluster_size=4096",
        ",encrypt.cipher-mode=cbc,encrypt.ivgen-alg=essiv,encrypt.ivgen-hash-alg=sha256"
      })
  void whatQemuMakesIsReadAndChanged(String options) throws IOException {
    qemuMakes(options);
    same();
    String[] writes = {"write -P 3 333 70000", "write -z 1M 300k", "write -P 4 2999k 5k"};
    for (String write : writes) {
      Cli.succeed("io", "-c", write, "--object", secret(), image);
      Cli.succeed("io", "-c", write, "-f", "raw", raw);
    }
    same();
    sound();
  }

  @Test
  void snapshotsAreKept() throws IOException {
    convert("");
    snapshot("-c");
    Cli.succeed("io", "-c", "write -P 3 333 700000", "--object", secret(), image);
    sound();
    qemuIo("read -P 3 333 700000");
    snapshot("-a");
    same();
  }

  private void snapshot(String action) throws IOException {
    Peer.named("qemu-img")
        .succeed(
            "snapshot", "--object", secret(), action, "one", "--image-opts", description(image));
  }

  @Test
  void childrenAndTheirParentsHaveKeys() throws IOException {
    convert("");
    Path child = folder.resolve("child.qcow2");
    Cli.succeed(
        "create",
        "-f",
        "qcow2",
        "--object",
        secret(),
        "-o",
        NEW + "1",
        "-b",
        "disk.qcow2",
        "-F",
        "qcow2",
        child);
    Cli.succeed("compare", "--object", secret(), raw, child);
    Cli.succeed("io", "-c", "write -P 6 70000 10", "--object", secret(), child);
    Cli.succeed("io", "-c", "write -P 6 70000 10", "-f", "raw", raw);
    Peer.named("qemu-img")
        .succeed(
            "compare",
            "--object",
            secret(),
            "--image-opts",
            "driver=raw,file.filename=" + raw,
            description(child)
                + ",backing.driver=qcow2,backing.encrypt.key-secret=key"
                + ",backing.file.filename="
                + image);
  }

  @Test
  void keysAreAddedAndQemuTakesThem() throws IOException {
    convert("");
    Path other = Files.writeString(folder.resolve("other"), "battery staple");
    Cli.succeed(
        "key", "change", "--key-file", key, "--new-key-file", other, "--iter-time", "1", image);
    Cli.run("compare", "--key-file", key, raw, image).fails(ExitCode.WRONG_KEY, "none of 1");
    key = other;
    same();
    sound();
  }

  @Test
  void withoutAKeyItIsDescribedCheckedAndNotRead() {
    convert("");
    String info = Cli.succeed("info", image);
    assertTrue(info.contains("encrypted: yes") && info.contains("format: luks"), info);
    Cli.succeed("check", image);
    Cli.run("compare", raw, image).fails(ExitCode.WRONG_KEY, "no key was given");
    String map = Cli.succeed("map", "--output=json", "--object", secret(), image);
    assertFalse(map.contains("\"offset\""), map);
    Cli.run(
            "convert",
            "-c",
            "-O",
            "qcow2",
            "--object",
            secret(),
            "-o",
            NEW + "1",
            raw,
            folder.resolve("no.qcow2"))
        .fails(ExitCode.USAGE, "compression");
  }
}
