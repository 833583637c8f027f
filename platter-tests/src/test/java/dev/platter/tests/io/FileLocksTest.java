package dev.platter.tests.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.io.Access;
import dev.platter.io.LockedException;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Users of a file keep each other out, in this process and beside QEMU.
class FileLocksTest {
  @TempDir Path folder;
  private Path disk;

  @BeforeEach
  void aDisk() throws IOException {
    disk = folder.resolve("disk.qcow2");
    Files.write(disk, new byte[1 << 20]);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void insideOneProcess(Kind kind) throws IOException {
    try (Storage reader = kind.read(disk)) {
      kind.read(disk).close();
      var refused = assertThrows(LockedException.class, () -> kind.write(disk));
      assertTrue(refused.getMessage().startsWith(disk + ": is in use: it is being read"));
      // closing another user must not take this one's locks away
      kind.open(disk, Access.WRITE, Sharing.UNLOCKED).close();
      assertThrows(LockedException.class, () -> kind.write(disk));
      assertEquals(1 << 20, reader.size());
    }
    try (Storage writer = kind.write(disk)) {
      var refused = assertThrows(LockedException.class, () -> kind.write(disk));
      assertTrue(refused.getMessage().startsWith(disk + ": is in use: it is open for writing"));
      assertThrows(LockedException.class, () -> kind.read(disk));
      kind.open(disk, Access.READ, Sharing.UNLOCKED).close();
      assertThrows(LockedException.class, () -> kind.read(disk));
      assertTrue(writer.writable());
    }
    kind.write(disk).close();
  }

  /// Not the other way round: Linux drops a process's plain locks when it closes the file anywhere.
  @Test
  void plainJavaSeesSystemCalls() throws IOException {
    try (Storage writer = Kind.SYSTEM_CALLS.write(disk);
        Storage same = Kind.PLAIN_JAVA.open(disk, Access.READ, Sharing.UNLOCKED)) {
      assertThrows(LockedException.class, () -> Kind.PLAIN_JAVA.write(disk));
      assertThrows(LockedException.class, () -> Kind.PLAIN_JAVA.read(disk));
      assertEquals(writer.identity(), same.identity());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void qemuIsKeptOut(Kind kind) throws IOException {
    Peer img = Peer.named("qemu-img");
    Peer io = Peer.named("qemu-io");
    img.succeed("create", "-q", "-f", "qcow2", disk, "1M");
    try (Storage writer = kind.write(disk)) {
      Peer.Outcome info = img.run("info", disk);
      assertNotEquals(0, info.status());
      assertTrue(info.output().contains("lock"), info.output());
      assertNotEquals(0, io.run("-c", "write 0 512", disk).status());
      img.succeed("info", "-U", disk);
      assertTrue(writer.writable());
    }
    try (Storage reader = kind.read(disk)) {
      img.succeed("info", disk);
      io.succeed("-r", "-c", "read 0 512", disk);
      Peer.Outcome write = io.run("-c", "write 0 512", disk);
      assertNotEquals(0, write.status());
      assertTrue(write.output().contains("lock"), write.output());
      assertTrue(reader.size() > 0);
    }
    io.succeed("-c", "write 0 512", disk);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void qemuKeepsUsOut(Kind kind) throws IOException {
    Peer.named("qemu-img").succeed("create", "-q", "-f", "qcow2", disk, "1M");
    Peer io = Peer.named("qemu-io");
    try (var guest = new Guest(io, disk.toString())) {
      guest.command("write 0 512");
      assertThrows(LockedException.class, () -> kind.write(disk));
      assertThrows(LockedException.class, () -> kind.read(disk));
      kind.open(disk, Access.READ, Sharing.UNLOCKED).close();
    }
    try (var guest = new Guest(io, "-r", disk.toString())) {
      guest.command("read 0 512");
      kind.read(disk).close();
      assertThrows(LockedException.class, () -> kind.write(disk));
    }
    kind.write(disk).close();
  }

  /// A `qemu-io` that has an image open.
  private record Guest(Process process) implements AutoCloseable {
    Guest(Peer io, Object... arguments) throws IOException {
      this(io.start(arguments));
    }

    /// Gives a command and waits until it has been carried out.
    void command(String text) throws IOException {
      process.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      var answer = new StringBuilder();
      while (answer.indexOf("ops;") < 0) {
        int next = process.getInputStream().read();
        assertNotEquals(-1, next, answer::toString);
        answer.append((char) next);
      }
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      process.getInputStream().readAllBytes();
      process.onExit().join();
    }
  }
}
