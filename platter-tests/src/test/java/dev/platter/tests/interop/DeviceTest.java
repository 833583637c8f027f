package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disk devices as source and target. Only a privileged user has one to spare.
class DeviceTest {
  private static final int SIZE = 16 << 20;
  @TempDir Path folder;
  private Path device;
  private Path raw;

  /// A device full of what was there before.
  @BeforeEach
  void aDevice() throws IOException {
    Path file = Files.write(folder.resolve("device"), Content.noise(1, SIZE));
    Peer.Outcome made = Peer.named("losetup").run("-f", "--show", file);
    Assumptions.assumeTrue(made.status() == 0, () -> "no loop device: " + made.output());
    device = Path.of(made.output().strip());
    raw = Content.mixed(folder.resolve("disk.raw"));
  }

  @AfterEach
  void noDevice() throws IOException {
    if (device != null) {
      Peer.named("losetup").succeed("-d", device);
    }
  }

  @Test
  void aRawCopyIsWrittenOverIt() throws IOException {
    Cli.succeed("convert", "-f", "raw", raw, device);
    byte[] wanted = Content.noise(1, SIZE);
    byte[] content = Files.readAllBytes(raw);
    System.arraycopy(content, 0, wanted, 0, content.length);
    Path whole = Files.write(folder.resolve("whole"), wanted);
    Peer.named("qemu-img").succeed("compare", "-f", "raw", "-F", "raw", device, whole);
    Path image = folder.resolve("copy.qcow2");
    Cli.succeed("convert", "-f", "raw", "-O", "qcow2", device, image);
    Peer.named("qemu-img").succeed("compare", "-f", "qcow2", "-F", "raw", image, whole);
    Cli.succeed("dd", "-f", "raw", "if=" + raw, "of=" + device, "bs=512", "count=8", "seek=4");
    System.arraycopy(content, 0, wanted, 4 * 512, 8 * 512);
    Files.write(whole, wanted);
    Peer.named("qemu-img").succeed("compare", "-f", "raw", "-F", "raw", device, whole);
  }

  @Test
  void anImageIsLaidOutOnIt() throws IOException {
    for (String options : List.of("-O qcow2", "-c -O qcow2", "-O vdi", "-S 0 -O qcow2")) {
      Cli.succeed(
          Stream.of(
                  Stream.of("convert", "-f", "raw"),
                  Stream.of(options.split(" ")),
                  Stream.of(raw, device))
              .flatMap(word -> word)
              .toArray());
      String format = options.endsWith("vdi") ? "vdi" : "qcow2";
      Peer.named("qemu-img").succeed("compare", "-f", format, "-F", "raw", device, raw);
      Cli.succeed("compare", "-f", format, "-F", "raw", device, raw);
      Cli.succeed("io", "-f", format, "-c", "write -q -P 3 1M 300k", device);
      Cli.succeed("io", "-f", format, "-c", "read -q -P 3 1M 300k", device);
    }
    Cli.succeed("create", "-q", "-f", "qcow2", device, "100M");
    Peer.named("qemu-img").succeed("check", "-f", "qcow2", device);
    Cli.succeed("io", "-f", "qcow2", "-c", "read -q -P 0 0 100M", device);
  }

  /// A descriptor as VirtualBox has one for a whole disk, which QEMU reads under another name.
  @Test
  void aDescriptorOfItIsFollowedWhereItIsAllowed() throws IOException {
    Path image = folder.resolve("whole.vmdk");
    Cli.succeed(
        "create", "-q", "-f", "vmdk", "-o", "subformat=fullDevice,extent=" + device, image, "16M");
    Cli.run("io", "-c", "read 0 512", image).fails(ExitCode.OUT_OF_REACH, device.toString());
    String allow = "--allow=" + device;
    Cli.succeed("io", allow, "-c", "write -q -P 9 1M 64k", "-c", "discard 8M 1M", image);
    Cli.succeed("compare", allow, "-f", "vmdk", "-F", "raw", image, device);
    Path flat = folder.resolve("flat.vmdk");
    Files.writeString(flat, Files.readString(image).replace("fullDevice", "monolithicFlat"));
    Peer.named("qemu-io").succeed("-r", "-f", "vmdk", "-c", "read -P 9 1M 64k", flat);
    Peer.named("qemu-img").succeed("compare", "-f", "vmdk", "-F", "raw", flat, device);
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    Path large = Content.sparse(folder.resolve("large"), 2 * SIZE);
    Cli.run("convert", "-f", "raw", large, device).fails(ExitCode.USAGE, "room", "33554432");
    Cli.run("convert", "-f", "raw", "-S", "0", "-O", "qcow2", large, device)
        .fails(ExitCode.FAILED, "room");
    byte[] before = Files.readAllBytes(device);
    Cli.run("convert", "-f", "raw", "-O", "vpc", "-o", "subformat=fixed", raw, device)
        .fails(ExitCode.FAILED, device.toString(), "end");
    assertArrayEquals(before, Files.readAllBytes(device));
    Cli.run("convert", "-f", "raw", "-O", "qcow2", "-o", "data_file=x", raw, device)
        .fails(ExitCode.UNSUPPORTED, "one file");
    Cli.run("create", "-f", "raw", device, "1M").fails(ExitCode.FAILED, "disk device");
    assertEquals(SIZE, Files.size(folder.resolve("device")));
  }
}
