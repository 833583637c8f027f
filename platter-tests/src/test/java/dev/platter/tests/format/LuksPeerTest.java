package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.cli.ExitCode;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same containers in QEMU and cryptsetup, and in the command.
class LuksPeerTest {
  @TempDir private Path folder;
  private Path key;
  private Path other;
  private Path raw;

  @BeforeEach
  void files() throws IOException {
    key = Files.writeString(folder.resolve("key"), "correct horse");
    other = Files.writeString(folder.resolve("other"), "battery staple\n");
    raw = Files.write(folder.resolve("disk.raw"), TwoLevelLab.guest(3 << 20, 1));
  }

  private String secret() {
    return "secret,id=key,file=" + key;
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private Path convert(String name, String options) {
    Cli.succeed(
        "convert",
        "-f",
        "raw",
        "-O",
        "luks",
        "--object",
        secret(),
        "-o",
        "key-secret=key,iter-time=1" + options,
        raw,
        path(name));
    return path(name);
  }

  private static boolean opens(Path container, Path with) throws IOException {
    return Peer.named("cryptsetup")
            .run("open", "--test-passphrase", "--key-file", with, container)
            .status()
        == 0;
  }

  private void qemuSees(Path container) throws IOException {
    Peer.named("qemu-img")
        .succeed(
            "compare",
            "--object",
            secret(),
            "--image-opts",
            "driver=raw,file.filename=" + raw,
            "driver=luks,key-secret=key,file.filename=" + container);
  }

  /// QEMU measures how fast the machine is, and gives up where it is too busy.
  private Path qemuMakes(String name, String options) throws IOException {
    Object[] arguments = {
      "convert",
      "--object",
      secret(),
      "-f",
      "raw",
      "-O",
      "luks",
      "-o",
      "key-secret=key,iter-time=50" + options,
      raw,
      path(name)
    };
    var said = Peer.named("qemu-img").run(arguments);
    for (int tries = 0; said.status() != 0 && tries < 20; tries++) {
      assertTrue(said.output().contains("CPU usage"), said.output());
      said = Peer.named("qemu-img").run(arguments);
    }
    assertEquals(0, said.status(), said.output());
    return path(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",cipher-alg=aes-128,hash-alg=sha1",
        ",cipher-mode=cbc,ivgen-alg=essiv,hash-alg=sha512",
        ",cipher-mode=cbc,ivgen-alg=plain64",
        ",ivgen-alg=plain,cipher-alg=aes-128"
      })
  void qemuAndCryptsetupReadWhatIsConverted(String options) throws IOException {
    Path container = convert("a.luks", options);
    qemuSees(container);
    assertTrue(opens(container, key));
    assertFalse(opens(container, other));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",cipher-alg=aes-128,hash-alg=sha1",
        ",cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256"
      })
  void whatQemuMakesIsReadAndChanged(String options) throws IOException {
    Path container = qemuMakes("q.luks", options);
    Cli.succeed("compare", "--key-file", key, raw, container);
    Cli.succeed("io", "-c", "write -P 9 1000 70000", "--key-file", key, container);
    Cli.succeed("io", "-c", "write -P 9 1000 70000", "-f", "raw", raw);
    qemuSees(container);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",pbkdf=argon2i,label=mine", ",pbkdf=pbkdf2,sector-size=4096"})
  void cryptsetupReadsVersionTwo(String options) throws IOException {
    Path container = convert("b.luks", ",version=2,pbkdf-memory=64K" + options);
    assertTrue(opens(container, key));
    assertFalse(opens(container, other));
    Cli.succeed("compare", "--key-file", key, raw, container);
    String dump = Peer.named("cryptsetup").succeed("luksDump", container);
    assertTrue(dump.contains("cipher: aes-xts-plain64"), dump);
  }

  @ParameterizedTest
  @ValueSource(strings = {"luks1", "luks2"})
  void whatCryptsetupMakesIsReadAndItsKeysAreChanged(String type) throws IOException {
    Path container = path("c.luks");
    try (var file = new RandomAccessFile(container.toFile(), "rw")) {
      file.setLength(20 << 20);
    }
    String[] cost =
        type.equals("luks1")
            ? new String[] {"--iter-time", "10"}
            : new String[] {"--pbkdf-force-iterations", "4", "--pbkdf-memory", "64"};
    Peer.named("cryptsetup")
        .succeed(
            "luksFormat",
            "-q",
            "--type",
            type,
            cost[0],
            cost[1],
            type.equals("luks1") ? "--hash=sha256" : cost[2],
            type.equals("luks1") ? "--hash=sha256" : cost[3],
            "--key-file",
            key,
            container);
    Cli.succeed("io", "-c", "write -P 3 4k 64k", "--key-file", key, container);
    Cli.succeed(
        "key", "add", "--key-file", key, "--new-key-file", other, "--iter-time", "1", container);
    assertTrue(opens(container, key) && opens(container, other));
    assertEquals(2, Cli.succeed("key", "list", container).lines().count());
    Cli.succeed("key", "remove", "--slot", "0", "--key-file", other, container);
    assertFalse(opens(container, key));
    Cli.run("io", "-c", "read 0 1", "--key-file", key, container)
        .fails(ExitCode.WRONG_KEY, "opens none of 1");
    Cli.run("key", "remove", "--slot", "1", "--key-file", other, container)
        .fails(ExitCode.UNSUPPORTED, "last");
    Cli.succeed(
        "key", "change", "--key-file", other, "--new-key-file", key, "--iter-time", "1", container);
    assertTrue(opens(container, key));
    assertFalse(opens(container, other));
    Cli.succeed("io", "-c", "read -P 3 4k 64k", "--key-file", key, container);
  }

  @Test
  void noKeyIsASentenceAndNothingOfAKeyIsShown() throws IOException {
    Path container = convert("a.luks", "");
    Cli.run("compare", raw, container).fails(ExitCode.WRONG_KEY, "no key was given");
    Cli.run("compare", "--key-file", other, raw, container)
        .fails(ExitCode.WRONG_KEY, "opens none of 1 LUKS key slots");
    Cli.run("convert", "-O", "luks", raw, path("n.luks"))
        .fails(ExitCode.USAGE, "key-secret=NAME is needed");
    Cli.run("convert", "-O", "luks", "-o", "key-secret=key", raw, path("n.luks"))
        .fails(ExitCode.WRONG_KEY, "'key'");
    assertFalse(Files.exists(path("n.luks")));
    String info = Cli.succeed("info", container) + Cli.succeed("info", "--output=json", container);
    byte[] bytes = Files.readAllBytes(container);
    String digest = java.util.HexFormat.of().formatHex(bytes, 112, 132);
    assertTrue(info.contains("aes-256"), info);
    assertFalse(info.contains(digest) || info.contains("correct horse"), info);
  }

  @Test
  void theSecondHeaderStepsIn() throws IOException {
    Path container = convert("b.luks", ",version=2,pbkdf=pbkdf2");
    byte[] bytes = Files.readAllBytes(container);
    bytes[5000] ^= 1;
    Files.write(container, bytes);
    Cli.succeed("compare", "--key-file", key, raw, container);
    Cli.succeed(
        "key", "add", "--key-file", key, "--new-key-file", other, "--iter-time", "1", container);
    assertTrue(opens(container, other));
    bytes[16384 + 5000] ^= 1;
    Files.write(container, bytes);
    Cli.run("info", container).fails(ExitCode.MALFORMED, "neither of its two LUKS2 headers");
  }

  @Test
  void hostileHeadersAreRefusedBeforeTheyCost() throws IOException {
    byte[] sound = Files.readAllBytes(convert("a.luks", ""));
    refused(sound, 108, 0xff, ExitCode.MALFORMED, "key-bytes");
    refused(sound, 164, 0x7f, ExitCode.OVER_LIMIT, "mk-digest-iterations");
    refused(sound, 212, 0x7f, ExitCode.OVER_LIMIT, "slot 0 iterations");
    refused(sound, 248, 0x7f, ExitCode.MALFORMED, "slot 0 key-material-offset");
    refused(sound, 254, 0x01, ExitCode.MALFORMED, "slot 0 stripes");
    refused(sound, 208, 0x01, ExitCode.MALFORMED, "slot 0 active");
    byte[] cut = Arrays.copyOf(sound, 300_000);
    Files.write(path("cut.luks"), cut);
    Cli.run("info", path("cut.luks")).fails(ExitCode.MALFORMED, "the file ends at 300000");
  }

  private void refused(byte[] sound, int at, int value, ExitCode code, String word)
      throws IOException {
    byte[] bytes = sound.clone();
    bytes[at] = (byte) value;
    Files.write(path("bad.luks"), bytes);
    Cli.run("io", "-c", "read 0 1", "--key-file", key, path("bad.luks")).fails(code, word);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"keyslots\":{},\"keyslots\":{}}|is there twice",
        "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}|deeply",
        "{\"config\":{\"requirements\":{\"mandatory\":[\"online-reencrypt\"]}}}|online-reencrypt",
        "{\"config\":{},\"segments\":{}}|0 segments",
        "[1]|one object",
        "{\"a\":tru}|a value"
      })
  void hostileJsonIsRefused(String line) throws Exception {
    String json = line.substring(0, line.indexOf('|'));
    byte[] bytes = Files.readAllBytes(convert("b.luks", ",version=2,pbkdf=pbkdf2"));
    byte[] area = new byte[16384];
    System.arraycopy(bytes, 0, area, 0, 4096);
    Arrays.fill(area, 448, 512, (byte) 0);
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, area, 4096, text.length);
    byte[] sum = java.security.MessageDigest.getInstance("SHA-256").digest(area);
    System.arraycopy(sum, 0, area, 448, sum.length);
    System.arraycopy(area, 0, bytes, 0, area.length);
    Files.write(path("bad.luks"), bytes);
    Cli run = Cli.run("info", path("bad.luks"));
    assertTrue(run.err().contains(line.substring(line.indexOf('|') + 1)), run.err());
    assertTrue(run.code() == 10 || run.code() == 11, run.err());
  }

  @Test
  void newContainersAreNoiseUnlessZerosAreWritten() throws IOException {
    Cli.succeed(
        "create",
        "-f",
        "luks",
        "--object",
        secret(),
        "-o",
        "key-secret=key,iter-time=1",
        path("noise.luks"),
        "1M");
    Cli.succeed(
        "create",
        "-f",
        "luks",
        "--object",
        secret(),
        "-o",
        "key-secret=key,iter-time=1,preallocation=full",
        path("zeros.luks"),
        "1M");
    Files.write(raw, new byte[1 << 20]);
    Cli.run("compare", "--key-file", key, raw, path("noise.luks")).code();
    assertEquals(1, Cli.run("compare", "--key-file", key, raw, path("noise.luks")).code());
    qemuSees(path("zeros.luks"));
    Path back = path("back.raw");
    Cli.succeed("convert", "-O", "raw", "--key-file", key, path("zeros.luks"), back);
    assertArrayEquals(new byte[1 << 20], Files.readAllBytes(back));
  }
}
