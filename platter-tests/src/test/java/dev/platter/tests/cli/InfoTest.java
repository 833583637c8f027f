package dev.platter.tests.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `info` beside `qemu-img info`.
class InfoTest {
  @TempDir Path folder;

  private Path image(String options) throws IOException {
    Path base = folder.resolve("base.qcow2");
    Path image = folder.resolve("image");
    Peer peer = Peer.named("qemu-img");
    peer.succeed("create", "-q", "-f", "qcow2", base, "3M");
    List<String> words = List.of(options.split(" "));
    Object[] command = new Object[words.size() + 4];
    command[0] = "create";
    command[1] = "-q";
    for (int word = 0; word < words.size(); word++) {
      command[2 + word] = words.get(word);
    }
    command[words.size() + 2] = image;
    command[words.size() + 3] = "5M";
    peer.succeed(command);
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-f raw",
        "-f vdi",
        "-f qcow2",
        "-f qcow2 -o compat=0.10",
        "-f qcow2 -o cluster_size=4k,lazy_refcounts=on,refcount_bits=1",
        "-f qcow2 -o extended_l2=on,compression_type=zstd",
        "-f qcow2 -b base.qcow2 -F qcow2"
      })
  void jsonHasTheMembersThatQemuHas(String options) throws IOException {
    Path image = image(options);
    var theirs = JsonText.object(Peer.named("qemu-img").succeed("info", "--output=json", image));
    var ours = JsonText.object(Cli.succeed("info", "--output=json", image));
    theirs.forEach((key, value) -> {
      if (!key.equals("actual-size") && !key.equals("format-specific")) {
        assertEquals(value, ours.get(key), key);
      }
    });
    if (theirs.get("format-specific") instanceof Map<?, ?> specific) {
      assertEquals(specific, ours.get("format-specific"));
    }
    assertTrue(ours.get("children") instanceof List<?> children && children.size() == 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-f raw", "-f qcow2", "-f qcow2 -b base.qcow2 -F qcow2"})
  void textHasTheLinesThatQemuHas(String options) throws IOException {
    Path image = image(options);
    List<String> ours = Cli.succeed("info", image).lines().toList();
    Peer.named("qemu-img")
        .succeed("info", image)
        .lines()
        .filter(line -> !line.startsWith("disk size"))
        .forEach(line -> assertTrue(ours.contains(line), line + " is not in " + ours));
  }

  @Test
  void aChainIsAnArrayOfItsImages() throws IOException {
    Path image = image("-f qcow2 -b base.qcow2 -F qcow2");
    var chain =
        (List<?>) JsonText.parse(Cli.succeed("info", "--backing-chain", "--output=json", image));
    assertEquals(2, chain.size());
    assertEquals(
        folder.resolve("base.qcow2").toString(), ((Map<?, ?>) chain.get(1)).get("filename"));
  }

  @Test
  void oneBadFileDoesNotHideTheOthers() throws IOException {
    Path image = image("-f qcow2");
    Cli run = Cli.run("info", folder.resolve("missing"), image, folder);
    assertEquals(1, run.code());
    assertTrue(run.out().contains("file format: qcow2"), run.out());
    assertEquals(2, run.err().lines().count(), run.err());
    var all =
        (List<?>) JsonText.parse(Cli.run("info", "--output=json", image, "nowhere", image).out());
    assertEquals(2, all.size());
  }

  @Test
  void snapshotsAreListed() throws IOException {
    Path image = image("-f qcow2");
    Peer peer = Peer.named("qemu-img");
    peer.succeed("snapshot", "-c", "before", image);
    var theirs = JsonText.object(peer.succeed("info", "--output=json", image));
    var ours = JsonText.object(Cli.succeed("info", "--output=json", image));
    assertEquals(theirs.get("snapshots"), ours.get("snapshots"));
    assertTrue(Cli.succeed("info", image).contains("\n1       before "));
  }

  @Test
  void nothingFromAnImageMovesTheCursor() throws IOException {
    Path image = image("-f qcow2");
    Path odd = folder.resolve("odd\u001b[2J\u202e\nname");
    Files.move(image, odd);
    String text = Cli.succeed("info", odd);
    assertFalse(text.contains("\u001b"), text);
    assertTrue(text.contains("odd\\u001b[2J\\u202e\\u000aname"), text);
    var json = JsonText.object(Cli.succeed("info", "--output=json", odd));
    assertEquals(odd.toString(), json.get("filename"));
    assertFalse(Cli.succeed("info", "--output=json", odd).contains("\u202e"));
  }
}
