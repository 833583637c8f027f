package dev.platter.tests.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.ImageException.OutOfReach;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import dev.platter.testkit.StorageContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Names inside an image lead where they may, and canaries elsewhere stay unread.
class ReachTest {
  @TempDir Path temporary;
  private Path top;
  private Path home;

  @BeforeEach
  void files() throws IOException {
    top = temporary.toRealPath();
    home = Files.createDirectories(top.resolve("home"));
    Files.createDirectories(home.resolve("sub/deep"));
    for (String name : List.of("child.qcow2", "base.raw", "sub/base.raw", "sub/deep/x.RAW")) {
      Files.writeString(home.resolve(name), "allowed");
    }
    Files.writeString(top.resolve("canary.raw"), "canary!");
    Files.createSymbolicLink(home.resolve("link.raw"), home.resolve("base.raw"));
    Files.createSymbolicLink(home.resolve("out.raw"), top.resolve("canary.raw"));
    Files.createSymbolicLink(home.resolve("up"), top);
    Files.createSymbolicLink(home.resolve("self"), Path.of("sub"));
    Peer.named("mkfifo").succeed(home.resolve("pipe.raw"));
    Files.createSymbolicLink(home.resolve("null.raw"), Path.of("/dev/null"));
  }

  @AfterEach
  void linkToADevice() throws IOException {
    // JUnit has doubts about deleting it
    Files.delete(home.resolve("null.raw"));
  }

  @ParameterizedTest
  @EnumSource
  void aFileMayBeAllowedAlone(Kind kind) throws IOException {
    Path canary = top.resolve("canary.raw");
    Reach reach = Reach.within(List.of(canary));
    assertEquals("canary!", follow(kind, reach, "../canary.raw"));
    assertEquals("canary!", follow(kind, reach, canary.toString()));
    for (String other : List.of("base.raw", "../canary.raw/x", "out.raw", "..", "/dev/null")) {
      assertThrows(OutOfReach.class, () -> follow(kind, reach, other), other);
    }
  }

  private String follow(Kind kind, Reach reach, String location) throws IOException {
    return follow(kind, reach, home.resolve("child.qcow2"), location);
  }

  private static String follow(Kind kind, Reach reach, Path image, String location)
      throws IOException {
    try (Storage from = kind.read(image);
        Storage found = kind.with(() -> reach.open(from, location, Access.READ))) {
      return new String(StorageContract.bytes(found, 0, 7), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void besideAndBelow(Kind kind) throws IOException {
    Reach reach = Reach.sameFolder();
    for (String name :
        List.of("base.raw", "./base.raw", "sub/base.raw", "sub/../base.raw", "sub//deep/x.RAW")) {
      assertEquals("allowed", follow(kind, reach, name), name);
    }
    assertEquals("allowed", follow(kind, reach, home.resolve("base.raw").toString()));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nowhereElse(Kind kind) {
    for (String name :
        List.of(
            "../canary.raw",
            "sub/../../canary.raw",
            "/etc/passwd",
            top.resolve("canary.raw").toString(),
            home + "/../canary.raw",
            "link.raw",
            "out.raw",
            "up/canary.raw",
            "self/base.raw",
            "pipe.raw",
            "null.raw",
            "sub",
            ".",
            "..",
            "",
            "/",
            "/dev/null",
            "/proc/self/root/etc/passwd",
            "//server/share/x.raw",
            "\\\\server\\share\\x.raw",
            "\\\\?\\C:\\x.raw",
            "json:{\"driver\":\"raw\",\"file.filename\":\"base.raw\"}",
            "nbd://localhost/x",
            "file:base.raw",
            "https://example.org/x.raw",
            "fat:/etc",
            "a\u0000b",
            "a\nb",
            "a\u009bb",
            "a\ud800b",
            "x".repeat(4097),
            "ä".repeat(2049))) {
      for (Reach reach : List.of(Reach.sameFolder(), Reach.within(List.of(home)))) {
        var error = assertThrows(OutOfReach.class, () -> follow(kind, reach, name), name);
        String message = error.getMessage();
        assertTrue(message.startsWith(home + "/child.qcow2: names '"), message);
        assertTrue(message.codePoints().noneMatch(Character::isISOControl), message);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void missing(Kind kind) {
    var error =
        assertThrows(
            NoSuchFileException.class, () -> follow(kind, Reach.sameFolder(), "sub/no.raw"));
    assertTrue(error.getMessage().contains("names 'sub/no.raw'"), error.getMessage());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theImageItselfMayBeALink(Kind kind) throws IOException {
    Path elsewhere = Files.createDirectory(top.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("base.raw"), "decoy!!");
    Path link = elsewhere.resolve("image");
    Files.createSymbolicLink(link, home.resolve("child.qcow2"));
    assertEquals("allowed", follow(kind, Reach.sameFolder(), link, "base.raw"));
    String decoy = elsewhere.resolve("base.raw").toString();
    assertThrows(OutOfReach.class, () -> follow(kind, Reach.sameFolder(), link, decoy));
    Path folder = top.resolve("alias");
    Files.createSymbolicLink(folder, home);
    String alias = folder.resolve("sub/base.raw").toString();
    Path image = folder.resolve("child.qcow2");
    assertEquals("allowed", follow(kind, Reach.sameFolder(), image, alias));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void foldersOfTheCallersChoice(Kind kind) throws IOException {
    Reach reach = Reach.within(List.of(home.resolve("sub"), top.resolve("not there")));
    assertEquals("allowed", follow(kind, reach, "sub/base.raw"));
    assertThrows(OutOfReach.class, () -> follow(kind, reach, "base.raw"));
    Reach both = Reach.sameFolder(List.of(top), Sharing.UNLOCKED);
    assertEquals("canary!", follow(kind, both, "../canary.raw"));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anything(Kind kind) throws IOException {
    Reach reach = Reach.anything();
    Files.writeString(top.resolve("canary.raw"), "allowed");
    assertEquals("allowed", follow(kind, reach, "../canary.raw"));
    assertEquals("allowed", follow(kind, reach, "out.raw"));
    assertEquals("allowed", follow(kind, reach, top.resolve("canary.raw").toString()));
    for (String name : List.of("pipe.raw", "null.raw", "nbd://x/y", "json:{}", "//x/y", ".")) {
      assertThrows(OutOfReach.class, () -> follow(kind, reach, name), name);
    }
  }

  @Test
  void neighbours() throws IOException {
    try (Storage from = Kind.SYSTEM_CALLS.read(home.resolve("child.qcow2"));
        Storage deep = Kind.SYSTEM_CALLS.read(home.resolve("sub/deep/x.RAW"))) {
      assertEquals(
          List.of("base.raw", "child.qcow2"),
          Reach.sameFolder().beside(from, List.of("raw", "qcow2")));
      assertEquals(List.of("x.RAW"), Reach.sameFolder().beside(deep, List.of("raw")));
      Reach within = Reach.within(List.of(home.resolve("sub")));
      assertEquals(List.of(), within.beside(from, List.of("raw")));
      assertEquals(List.of("x.RAW"), within.beside(deep, List.of("raw")));
      for (int i = 0; i < 5000; i++) {
        Files.createFile(home.resolve("sub/" + i + ".vdi"));
      }
      try (Storage sub = Kind.SYSTEM_CALLS.read(home.resolve("sub/base.raw"))) {
        assertEquals(4096, Reach.sameFolder().beside(sub, List.of("vdi")).size());
      }
    }
  }

  @Test
  void whatHasNoPathNamesNothing() throws IOException {
    var from = new MemoryStorage("memory");
    for (Reach reach : List.of(Reach.sameFolder(), Reach.within(List.of(home)), Reach.nothing())) {
      assertThrows(OutOfReach.class, () -> reach.open(from, "base.raw", Access.READ));
      assertEquals(List.of(), reach.beside(from, List.of("raw")));
    }
    assertFalse(from.path().isPresent());
  }
}
