package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The verbs that show, compare and digest chains.
class ChainTest {
  @TempDir Path folder;

  @BeforeEach
  void make() {
    Cli.succeed("create", "-q", "-f", "vdi", folder.resolve("base.vdi"), "4M");
    Cli.succeed("io", "-c", "write -P 1 1M 64k", folder.resolve("base.vdi"));
    child("middle.qcow2", "base.vdi", "vdi");
    Cli.succeed("io", "-c", "write -P 2 2M 64k", folder.resolve("middle.qcow2"));
    child("top.qcow2", "middle.qcow2", "qcow2");
    Cli.succeed("io", "-c", "write -z 1M 4k", folder.resolve("top.qcow2"));
  }

  private void child(String name, String parent, String format) {
    Cli.succeed("create", "-q", "-f", "qcow2", "-b", parent, "-F", format, folder.resolve(name));
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void aChainAsText() {
    List<String> lines = Cli.succeed("chain", file("top.qcow2")).lines().toList();
    assertEquals(3, lines.size());
    assertTrue(
        lines.get(0).startsWith(file("top.qcow2") + ": qcow2, disk 4 MiB, "), lines::toString);
    assertTrue(lines.get(1).startsWith("└─ " + file("middle.qcow2")), lines::toString);
    assertTrue(lines.get(2).startsWith("   └─ " + file("base.vdi") + ": vdi"), lines::toString);
    assertTrue(lines.get(2).contains(", identity "), lines::toString);
  }

  @Test
  void aChainAsJson() {
    var images = (List<?>) JsonText.parse(Cli.succeed("chain", "--output=json", file("top.qcow2")));
    assertEquals(3, images.size());
    var top = (Map<?, ?>) images.getFirst();
    assertEquals("qcow2", top.get("format"));
    assertEquals("ok", ((Map<?, ?>) top.get("parent")).get("status"));
    var base = (Map<?, ?>) images.getLast();
    assertTrue(base.containsKey("identity"));
    assertEquals("none", ((Map<?, ?>) base.get("parent")).get("status"));
  }

  @Test
  void chainsShareTheirImagesInAGraph() {
    child("other.qcow2", "middle.qcow2", "qcow2");
    String dot = Cli.succeed("chain", "--output=dot", file("top.qcow2"), file("other.qcow2"));
    assertEquals(4, dot.lines().filter(line -> line.contains("[label=")).count(), dot);
    assertEquals(3, dot.lines().filter(line -> line.contains(" -> ")).count(), dot);
  }

  @Test
  void aMissingParentIsShown() throws IOException {
    Files.delete(file("base.vdi"));
    Cli run = Cli.run("chain", file("top.qcow2"));
    assertEquals(ExitCode.WRONG_PARENT.number(), run.code());
    assertTrue(run.out().contains("└─ base.vdi: missing"), run.out());
    String json = Cli.run("chain", "--output=json", file("top.qcow2")).out();
    assertTrue(json.contains("\"status\": \"missing\""), json);
  }

  @Test
  void aParentThatHasChangedIsShown() {
    Cli.succeed("create", "-q", "-f", "vdi", "-b", "base.vdi", "-F", "vdi", file("child.vdi"));
    Cli.succeed("chain", file("child.vdi"));
    Cli.succeed("io", "-c", "write 0 4k", file("base.vdi"));
    Cli run = Cli.run("chain", file("child.vdi"));
    assertEquals(ExitCode.WRONG_PARENT.number(), run.code());
    assertEquals(3, run.out().lines().count(), run.out());
    assertTrue(run.out().contains("has changed since the child was made"), run.out());
    assertTrue(Cli.run("chain", "--output=dot", file("child.vdi")).out().contains("mismatched"));
  }

  @Test
  void digestsAreThoseOfTheRawDisk() throws IOException {
    Path raw = file("all.raw");
    Cli.succeed("convert", file("top.qcow2"), raw);
    for (String name : List.of("sha256", "sha1", "sha512", "md5")) {
      String theirs = Peer.named(name + "sum").succeed(raw);
      assertEquals(theirs, Cli.succeed("hash", "-a", name, raw));
      String ours = Cli.succeed("hash", "-a", name, file("top.qcow2"));
      assertEquals(theirs.substring(0, theirs.indexOf(' ')), ours.substring(0, ours.indexOf(' ')));
    }
    String tree = Cli.succeed("hash", "--tree", raw);
    assertEquals(
        tree.substring(0, 64), Cli.succeed("hash", "--tree", file("top.qcow2")).substring(0, 64));
    Cli.run("hash", "-a", "sha255", raw).fails(ExitCode.USAGE, "sha255", "sha256");
  }

  /// Leaves of a megabyte of zeros, computed by somebody else.
  @ParameterizedTest
  @ValueSource(strings = {"1M", "2M", "3M", "5M", "2560k", "0"})
  void aTreeOfDigests(String size) throws IOException {
    Path raw = file("zeros.raw");
    Cli.succeed("create", "-q", raw, size);
    String script =
        """
        import hashlib,sys
        d=open(sys.argv[1],'rb').read()
        l=[hashlib.sha256(d[i:i+(1<<20)]).digest() for i in range(0,len(d),1<<20)] or [hashlib.sha256().digest()]
        while len(l)>1:
          l=[hashlib.sha256(b''.join(l[i:i+2])).digest() if i+1<len(l) else l[i] for i in range(0,len(l),2)]
        print(l[0].hex())
        """;
    String theirs = Peer.named("python3").succeed("-c", script, raw).strip();
    assertEquals(theirs, Cli.succeed("hash", "--tree", raw).substring(0, 64));
  }

  @Test
  void differencesAreCounted() {
    Cli run = Cli.run("compare", "--totals", file("base.vdi"), file("top.qcow2"));
    assertEquals(1, run.code());
    assertEquals("Content mismatch at offset 1048576!\n69632 bytes in 2 runs differ.\n", run.out());
    Cli json = Cli.run("compare", "--output=json", file("base.vdi"), file("top.qcow2"));
    var members = (Map<?, ?>) JsonText.parse(json.out());
    assertEquals(69632L, ((Number) members.get("differing-bytes")).longValue());
    assertEquals(Boolean.FALSE, members.get("identical"));
  }

  @Test
  void differencesAreListed() {
    String text = Cli.succeed("diff", file("base.vdi"), file("top.qcow2"));
    assertTrue(text.contains("1048576         4096            zeros\n"), text);
    assertTrue(text.contains("2097152         65536           data\n"), text);
    var json =
        (Map<?, ?>)
            JsonText.parse(
                Cli.succeed("diff", "--output=json", file("base.vdi"), file("top.qcow2")));
    assertEquals(2, ((List<?>) json.get("runs")).size());
  }

  /// A child of A that reads as B, in every format that has children of VDI.
  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vdi"})
  void aDifferenceIsAChild(String format) {
    Path out = file("difference." + format);
    Cli.succeed("diff", "-O", format, file("base.vdi"), file("top.qcow2"), out);
    Cli.succeed("compare", "-f", format, out, file("top.qcow2"));
    Cli.succeed("check", "-f", format, out);
    assertEquals(2, Cli.succeed("chain", out).lines().count());
  }

  @Test
  void aDifferenceMayBeCompressed() throws IOException {
    Path out = file("difference.qcow2");
    Cli.succeed("diff", "-c", file("base.vdi"), file("top.qcow2"), out);
    Cli.succeed("compare", out, file("top.qcow2"));
    Peer.named("qemu-img").succeed("check", out);
    Cli.run("diff", "-O", "raw", file("base.vdi"), file("top.qcow2"), out)
        .fails(ExitCode.USAGE, "cannot be the child");
  }

  @Test
  void aCommitSparesOtherChildren() {
    child("other.qcow2", "middle.qcow2", "qcow2");
    Cli.run("commit", file("top.qcow2"))
        .fails(ExitCode.FAILED, "middle.qcow2", "other.qcow2", "--force");
    assertEquals("Image committed.\n", Cli.succeed("commit", "--force", file("top.qcow2")));
    Cli.run("commit", file("base.vdi")).fails(ExitCode.FAILED, "does not have a backing file");
    Cli.run("commit", "-b", file("top.qcow2"), file("top.qcow2")).fails(ExitCode.USAGE, "itself");
    Cli.run("commit", "-b", "nothing.vdi", file("top.qcow2"))
        .fails(ExitCode.FAILED, "Did not find 'nothing.vdi'");
  }

  @Test
  void mergedImagesAreDeletedIfAsked() {
    Cli.succeed("merge", "--into", "parent", "-b", "base.vdi", "--delete", file("top.qcow2"));
    assertFalse(Files.exists(file("top.qcow2")));
    assertFalse(Files.exists(file("middle.qcow2")));
    String runs = Cli.succeed("map", file("base.vdi"));
    assertTrue(runs.contains("0x200000"), runs);
  }

  /// Larger than its parent: a raw one grows, as QEMU does it.
  @Test
  void aParentGrows() throws IOException {
    Cli.succeed("create", "-q", file("small.raw"), "1M");
    Cli.succeed(
        "create", "-q", "-f", "qcow2", "-b", "small.raw", "-F", "raw", file("large.qcow2"), "3M");
    Cli.succeed("io", "-c", "write -P 3 1023k 2k", file("large.qcow2"));
    Cli.succeed("commit", file("large.qcow2"));
    assertEquals(3 << 20, Files.size(file("small.raw")));
    Peer.named("qemu-img").succeed("compare", file("small.raw"), file("large.qcow2"));
  }
}
