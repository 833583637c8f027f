package dev.platter.tests.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.io.LockedException;
import dev.platter.io.NewFile;
import dev.platter.io.NewFile.Existing;
import dev.platter.io.NoSpaceException;
import dev.platter.io.RefusedException;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A target has its name only when it is complete, whatever happens.
class NewFileTest {
  @TempDir Path folder;

  private static MemorySegment text(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> names() throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static NewFile create(Kind kind, Path target) throws IOException {
    return kind.with(() -> NewFile.create(target));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void published(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    try (NewFile file = create(kind, target)) {
      file.storage().write(0, text("content"));
      assertEquals(1, names().size());
      assertTrue(names().getFirst().matches("\\.disk\\.vdi\\.[0-9a-z]{8}\\.part"));
      assertEquals(target.toString(), file.storage().name());
      file.publish(Existing.REPLACE);
      assertEquals(List.of("disk.vdi"), names());
    }
    assertEquals("content", Files.readString(target));
    Path plain = Files.createFile(folder.resolve("plain"));
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(target));
  }

  @Test
  void secretUntilPublished() throws IOException {
    try (NewFile file = NewFile.create(folder.resolve("disk"))) {
      Path part = folder.resolve(names().getFirst());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(part)));
      assertThrows(LockedException.class, () -> Kind.SYSTEM_CALLS.read(part));
      assertEquals(0, file.storage().size());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void notPublished(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    Files.writeString(target, "old");
    try (NewFile file = create(kind, target)) {
      file.storage().write(0, text("content"));
    }
    assertEquals(List.of("disk.vdi"), names());
    assertEquals("old", Files.readString(target));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anExistingFile(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    Files.writeString(target, "old content");
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
    try (NewFile file = create(kind, target)) {
      file.storage().write(0, text("new"));
      // whoever wants to use the old file meanwhile cannot
      assertThrows(LockedException.class, () -> kind.read(target));
      assertThrows(FileAlreadyExistsException.class, () -> file.publish(Existing.KEEP));
    }
    assertEquals("old content", Files.readString(target));
    try (NewFile file = create(kind, target)) {
      file.storage().write(0, text("new"));
      file.publish(Existing.REPLACE);
    }
    assertEquals("new", Files.readString(target));
    assertEquals(List.of("disk.vdi"), names());
    if (kind == Kind.SYSTEM_CALLS) {
      assertEquals(
          "rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void keepingWhatAppearsMeanwhile(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    try (NewFile file = create(kind, target)) {
      Files.writeString(target, "somebody else's");
      assertThrows(FileAlreadyExistsException.class, () -> file.publish(Existing.KEEP));
    }
    assertEquals("somebody else's", Files.readString(target));
    Files.delete(target);
    try (NewFile file = create(kind, target)) {
      file.publish(Existing.KEEP);
    }
    assertEquals(List.of("disk.vdi"), names());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void inUse(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    Files.writeString(target, "old");
    try (Storage user = kind.read(target)) {
      assertThrows(LockedException.class, () -> create(kind, target));
      assertEquals(3, user.size());
    }
    assertEquals(List.of("disk.vdi"), names());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatIsNoFile(Kind kind) throws IOException {
    Path pipe = folder.resolve("pipe");
    Peer.named("mkfifo").succeed(pipe);
    for (Path target : List.of(folder, pipe, Path.of("/dev/null"), Path.of("/"), Path.of(".."))) {
      assertThrows(RefusedException.class, () -> create(kind, target), target.toString());
    }
    assertThrows(NoSuchFileException.class, () -> create(kind, folder.resolve("nowhere/disk.vdi")));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void throughALink(Kind kind) throws IOException {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path link = folder.resolve("link.vdi");
    Files.createSymbolicLink(link, Path.of("home/real.vdi"));
    for (String content : List.of("first", "second")) {
      try (NewFile file = create(kind, link)) {
        file.storage().write(0, text(content));
        assertEquals(List.of("home", "link.vdi"), names());
        file.publish(Existing.REPLACE);
      }
      assertTrue(Files.isSymbolicLink(link));
      assertEquals(content, Files.readString(home.resolve("real.vdi")));
    }
    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    assertThrows(IOException.class, () -> create(kind, circle));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void leftoversOfCrashedRuns(Kind kind) throws IOException {
    Path target = folder.resolve("disk.vdi");
    Files.writeString(folder.resolve(".disk.vdi.abcdefgh.part"), "left");
    Files.writeString(folder.resolve(".other.vdi.abcdefgh.part"), "not mine");
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Files.createSymbolicLink(folder.resolve(".disk.vdi.12345678.part"), victim);
    try (NewFile first = create(kind, target);
        NewFile second = create(kind, target)) {
      assertEquals(5, names().size(), names()::toString);
      first.publish(Existing.REPLACE);
      second.storage().write(0, text("second"));
      second.publish(Existing.REPLACE);
    }
    assertEquals(
        List.of(".disk.vdi.12345678.part", ".other.vdi.abcdefgh.part", "disk.vdi", "victim"),
        names());
    assertEquals("second", Files.readString(target));
    assertEquals("precious", Files.readString(victim));
  }

  @Test
  void longNames() throws IOException {
    Path target = folder.resolve("x".repeat(255));
    try (NewFile file = NewFile.create(target)) {
      file.publish(Existing.KEEP);
    }
    assertEquals(List.of("x".repeat(255)), names());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFullDisk(Kind kind) throws IOException {
    try (var disk = new SmallDisk(folder.resolve("mount"), "1m")) {
      Path target = disk.folder().resolve("disk.vdi");
      Files.writeString(target, "old");
      try (NewFile file = create(kind, target)) {
        var content = MemorySegment.ofArray(new byte[2 << 20]);
        assertThrows(NoSpaceException.class, () -> file.storage().write(0, content));
      }
      assertEquals("old", Files.readString(target));
      try (var entries = Files.list(disk.folder())) {
        assertEquals(1, entries.count());
      }
    }
  }

  /// Begins a file in a process of its own, and waits there.
  static final class Unfinished {
    private Unfinished() {}

    public static void main(String[] arguments) throws IOException {
      try (NewFile file = NewFile.create(Path.of(arguments[0]))) {
        file.storage().write(0, text("some bytes"));
        System.out.println("begun");
        System.in.read();
      }
    }
  }

  private Process begin(Path target) throws IOException {
    Process process = new JavaProgram(Unfinished.class).start(target);
    byte[] begun = "begun".getBytes(StandardCharsets.UTF_8);
    assertArrayEquals(begun, process.getInputStream().readNBytes(begun.length));
    return process;
  }

  @Test
  void interruptedAndKilled() throws IOException {
    Path target = folder.resolve("disk.vdi");
    Process process = begin(target);
    assertNotEquals(List.of(), names());
    Peer.named("kill").succeed("-INT", process.pid());
    assertNotEquals(0, process.onExit().join().exitValue());
    assertEquals(List.of(), names());

    Process other = begin(target);
    other.destroyForcibly();
    other.onExit().join();
    assertEquals(1, names().size());
    try (NewFile file = NewFile.create(target)) {
      assertEquals(1, names().size());
      file.publish(Existing.REPLACE);
    }
    assertEquals(List.of("disk.vdi"), names());
    assertFalse(Files.isSymbolicLink(target));
  }
}
