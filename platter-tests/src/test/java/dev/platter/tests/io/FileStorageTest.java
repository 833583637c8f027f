package dev.platter.tests.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.NoSpaceException;
import dev.platter.io.RefusedException;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import dev.platter.testkit.StorageContract;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What files do beyond the contract of every storage.
class FileStorageTest {
  private static final int MEBI = 1 << 20;
  @TempDir Path folder;

  private static MemorySegment pattern(int length) {
    return MemorySegment.ofArray(StorageContract.pattern(length, length));
  }

  private static void run(String program, Object... arguments) throws IOException {
    Peer.named(program).succeed(arguments);
  }

  @Test
  void holesAreMadeAndSeen() throws IOException {
    Path path = folder.resolve("holes.raw");
    Files.createFile(path);
    try (Storage storage = Kind.SYSTEM_CALLS.write(path)) {
      storage.resize(64L * MEBI);
      assertEquals(0, storage.allocated());
      storage.write(8L * MEBI, pattern(2 * MEBI));
      assertEquals(2 * MEBI, storage.allocated());
      assertEquals(new Storage.Run(Storage.Run.Kind.HOLE, 8L * MEBI), storage.run(0, 64L * MEBI));
      assertEquals(
          new Storage.Run(Storage.Run.Kind.DATA, 2L * MEBI), storage.run(8L * MEBI, 56L * MEBI));
      assertEquals(
          new Storage.Run(Storage.Run.Kind.HOLE, 54L * MEBI), storage.run(10L * MEBI, 54L * MEBI));
      storage.punch(9L * MEBI, MEBI);
      assertEquals(MEBI, storage.allocated());
      storage.zero(8L * MEBI, MEBI);
      assertEquals(MEBI, storage.allocated());
      storage.allocate(32L * MEBI, 4L * MEBI);
      assertEquals(5L * MEBI, storage.allocated());
      storage.write(40L * MEBI, pattern(MEBI));
    }
    String map = Peer.named("qemu-img").succeed("map", "--output=json", "-f", "raw", path);
    assertTrue(map.contains("\"start\": 41943040, \"length\": 1048576, \"depth\": 0,"), map);
    assertEquals(1, map.split("\"data\": true", -1).length - 1, map);
    String blocks = Peer.named("stat").succeed("-c", "%b", path);
    assertEquals(6L * MEBI, Long.parseLong(blocks.strip()) * 512);
  }

  @Test
  void theSystemCopies() throws IOException {
    Path one = folder.resolve("one.raw");
    Path two = folder.resolve("two.raw");
    Files.write(one, StorageContract.pattern(3 * MEBI, 1));
    Files.createFile(two);
    try (Storage from = Kind.SYSTEM_CALLS.read(one);
        Storage to = Kind.SYSTEM_CALLS.write(two)) {
      assertEquals(3 * MEBI, from.copyTo(0, to, 0, 3 * MEBI));
      assertThrows(IOException.class, () -> to.copyTo(0, from, 0, 10));
    }
    assertEquals(-1, Files.mismatch(one, two));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatIsNoFileIsRefused(Kind kind) throws IOException {
    Path pipe = folder.resolve("pipe");
    run("mkfifo", pipe);
    for (Path path : List.of(pipe, folder, Path.of("/dev/null"))) {
      for (Access access : Access.values()) {
        var error =
            assertThrows(
                RefusedException.class, () -> kind.open(path, access, Sharing.LOCKED).close());
        assertTrue(error.getMessage().startsWith(path + ": is "), error.getMessage());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aMissingFile(Kind kind) {
    Path missing = folder.resolve("missing");
    var error = assertThrows(NoSuchFileException.class, () -> kind.read(missing));
    assertEquals(missing + ": No such file or directory", error.getMessage());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void readingOnly(Kind kind) throws IOException {
    Path path = folder.resolve("r");
    Files.write(path, new byte[10]);
    try (Storage storage = kind.read(path)) {
      assertFalse(storage.writable());
      for (var change :
          List.<Kind.Action<Void>>of(
              () -> done(() -> storage.write(0, pattern(1))),
              () -> done(() -> storage.resize(5)),
              () -> done(() -> storage.zero(0, 5)),
              () -> done(() -> storage.punch(0, 5)),
              () -> done(() -> storage.allocate(0, 5)))) {
        var error = assertThrows(IOException.class, change::run);
        assertEquals(path + ": is open for reading only", error.getMessage());
      }
    }
  }

  private interface Change {
    void run() throws IOException;
  }

  private static Void done(Change change) throws IOException {
    change.run();
    return null;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void namesThatAreNotAscii(Kind kind) throws IOException {
    Path path;
    try {
      path = folder.resolve("Übung – диск 100% 磁盘.raw");
    } catch (java.nio.file.InvalidPathException e) {
      Assumptions.abort("this locale has no such names: " + e.getMessage());
      return;
    }
    Files.write(path, new byte[10]);
    try (Storage storage = kind.write(path)) {
      storage.write(0, pattern(20));
    }
    assertEquals(20, Files.size(path));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void afterClosing(Kind kind) throws IOException {
    Path path = folder.resolve("closed");
    Files.write(path, new byte[10]);
    Storage storage = kind.write(path);
    storage.close();
    var error = assertThrows(IOException.class, () -> storage.write(0, pattern(5)));
    assertEquals(path + ": is closed", error.getMessage());
    assertThrows(IOException.class, storage::size);
    assertThrows(IOException.class, storage::flush);
  }

  /// Files are opened and closed while others are read: no read may ever land in another file.
  @Test
  void numbersOfClosedFilesAreNotUsed() throws Exception {
    Path path = folder.resolve("mine");
    Path other = folder.resolve("other");
    Files.write(path, new byte[4096]);
    Files.write(other, StorageContract.pattern(4096, 3));
    var strange = new AtomicLong();
    for (int round = 0; round < 200; round++) {
      Storage storage = Kind.SYSTEM_CALLS.read(path);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        threads.add(Thread.ofPlatform().start(() -> readUntilClosed(storage, strange)));
      }
      storage.close();
      Kind.SYSTEM_CALLS.read(other).close();
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertEquals(0, strange.get());
  }

  private static void readUntilClosed(Storage storage, AtomicLong strange) {
    byte[] zeros = new byte[4096];
    try {
      while (true) {
        if (!java.util.Arrays.equals(zeros, StorageContract.bytes(storage, 0, 4096))) {
          strange.incrementAndGet();
        }
      }
    } catch (IOException e) {
      if (!e.getMessage().endsWith(": is closed")) {
        strange.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFullDisk(Kind kind) throws IOException {
    try (var disk = new SmallDisk(folder.resolve("mount"), "1m")) {
      Path path = disk.folder().resolve("disk.qcow2");
      Files.createFile(path);
      try (Storage storage = kind.write(path)) {
        var error = assertThrows(NoSpaceException.class, () -> storage.write(0, pattern(2 * MEBI)));
        assertTrue(error.getMessage().startsWith(path + ": cannot write "), error.getMessage());
        assertTrue(error.getMessage().endsWith(": No space left on device"), error.getMessage());
        storage.resize(0);
        storage.write(0, pattern(MEBI / 2));
      }
    }
  }

  @Test
  void noRoomToAllocate() throws IOException {
    try (var disk = new SmallDisk(folder.resolve("mount"), "1m")) {
      Path path = disk.folder().resolve("disk.raw");
      Files.createFile(path);
      try (Storage storage = Kind.SYSTEM_CALLS.write(path)) {
        assertThrows(NoSpaceException.class, () -> storage.allocate(0, 16L * MEBI));
        storage.resize(16L * MEBI);
        storage.write(MEBI, pattern(5000));
        // this file system knows holes, but no zero range
        storage.zero(MEBI + 1000, 3000);
        assertArrayEquals(new byte[3000], StorageContract.bytes(storage, MEBI + 1000, 3000));
      }
    }
  }

  @Test
  void aDiskDevice() throws IOException {
    Path path = folder.resolve("device.raw");
    byte[] bytes = StorageContract.pattern(MEBI, 9);
    Files.write(path, bytes);
    Peer.Outcome loop = Peer.named("losetup").run("-f", "--show", path);
    Assumptions.assumeTrue(loop.status() == 0, () -> "no loop device: " + loop.output());
    Path device = Path.of(loop.output().strip());
    try (Storage storage = Kind.SYSTEM_CALLS.write(device)) {
      assertEquals(MEBI, storage.size());
      assertEquals(MEBI, storage.allocated());
      assertThrows(IOException.class, () -> storage.resize(5));
      storage.resize(MEBI);
      storage.punch(1000, 500_000);
      storage.zero(600_001, 5);
      java.util.Arrays.fill(bytes, 1000, 501_000, (byte) 0);
      java.util.Arrays.fill(bytes, 600_001, 600_006, (byte) 0);
      storage.flush();
      assertArrayEquals(bytes, StorageContract.bytes(storage, 0, MEBI));
      assertThrows(NoSpaceException.class, () -> storage.write(MEBI, pattern(512)));
    } catch (AccessDeniedException e) {
      Assumptions.abort("no right to use a loop device: " + e.getMessage());
    } finally {
      run("losetup", "-d", device);
    }
  }

  /// Tells what a file is like to this process: how much room it takes, and what is in it.
  static final class Tell {
    private Tell() {}

    public static void main(String[] arguments) throws IOException {
      try (Storage storage = FileStorage.open(Path.of(arguments[0]), Access.READ, Sharing.LOCKED)) {
        System.out.print(storage.allocated() + " " + StorageContract.bytes(storage, 0, 1)[0]);
      }
    }
  }

  @Test
  void withoutNativeAccess() throws IOException {
    Path path = folder.resolve("hole");
    Files.write(path, new byte[] {7});
    try (Storage storage = Kind.SYSTEM_CALLS.write(path)) {
      storage.resize(MEBI);
    }
    assertEquals("4096 7", tell(path, "--enable-native-access=ALL-UNNAMED"));
    assertEquals(MEBI + " 7", tell(path, "--illegal-native-access=deny"));
  }

  private static String tell(Path path, String option) throws IOException {
    Process process = new JavaProgram(Tell.class, List.of(option)).start(path);
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
