package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.format.crypto.AntiForensic;
import dev.platter.format.crypto.Argon2;
import dev.platter.format.crypto.CipherSpec;
import dev.platter.format.crypto.Hash;
import dev.platter.format.crypto.Pbkdf2;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
import dev.platter.io.MemoryStorage;
import dev.platter.io.TransformedStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Ciphers and key derivation, on vectors of their standards and of other programs.
class CryptoTest {
  private static final HexFormat HEX = HexFormat.of();

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// IEEE 1619-2007, annex B, vector 4.
  @Test
  void xtsIsThatOfItsStandard() {
    byte[] key = HEX.parseHex("2718281828459045235360287471352631415926535897932384626433832795");
    byte[] bytes = new byte[512];
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) at;
    }
    MemorySegment segment = MemorySegment.ofArray(bytes);
    try (var cipher = new SectorCipher(CipherSpec.XTS_PLAIN64, key, 512, 0)) {
      cipher.encode(0, segment, segment);
    }
    assertEquals(
        "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c",
        HEX.formatHex(bytes, 0, 32));
  }

  /// RFC 6070.
  @Test
  void pbkdf2IsThatOfItsStandard() {
    byte[] once = Pbkdf2.derive(Hash.SHA1, text("password"), text("salt"), 1, 20);
    byte[] often = Pbkdf2.derive(Hash.SHA1, text("password"), text("salt"), 4096, 20);
    assertEquals("0c60c80f961f0e71f3a9b524af6012062fe037a6", HEX.formatHex(once));
    assertEquals("4b007901b765489abead49d926f721d065a429c1", HEX.formatHex(often));
  }

  /// What OpenSSL derives.
  @Test
  void argon2IsThatOfOpenSsl() {
    byte[] one =
        new Argon2(Argon2.Kind.ID, 1, 64, 1).derive(text("password"), text("somesalt"), 32);
    byte[] more =
        new Argon2(Argon2.Kind.ID, 3, 256, 4).derive(text(""), text("saltsaltsaltsalt"), 72);
    assertEquals(
        "729c7a54441bc13559bdca71348c4e554599e719c08a952601ed5c83618c1bbd", HEX.formatHex(one));
    assertEquals(
        "0b87ac09e53af82e76540312c4f100146364819710de555a64463bd044dbb084065dbc7b03fdfb6a0e5468e6"
            + "3b91a45b6d1962a989f8467d988b806a66cf7dda966ed2f919024236",
        HEX.formatHex(more));
  }

  @Test
  void splitKeysAreMergedAndNeedEveryStripe() {
    byte[] key = HEX.parseHex("000102030405060708090a0b0c0d0e0f1011121314151617");
    for (Hash hash : Hash.values()) {
      byte[] stripes = AntiForensic.split(hash, key, new SecureRandom());
      assertArrayEquals(key, AntiForensic.merge(hash, stripes, key.length));
      stripes[stripes.length / 2] ^= 1;
      assertTrue(!Arrays.equals(key, AntiForensic.merge(hash, stripes, key.length)), hash::label);
    }
  }

  @Test
  void ciphersThatAreNotKnownAreNamed() throws IOException {
    for (String spec : new String[] {"serpent-xts-plain64", "aes-ecb", "aes-xts-essiv:sha256"}) {
      var e = assertThrows(ImageException.Unsupported.class, () -> CipherSpec.parse("disk", spec));
      assertTrue(e.getMessage().contains("'" + spec + "'"), e::getMessage);
    }
    for (String spec : new String[] {"aes-xts-plain64", "aes-cbc-essiv:sha256", "aes-cbc-plain"}) {
      assertEquals(spec, CipherSpec.parse("disk", spec).toString());
    }
  }

  /// Batches, edges, all modes: whatever the way it is called, the same bytes come back.
  @Test
  void storagesReadBackWhatWasWrittenAtAnyPlace() throws IOException {
    for (String spec : new String[] {"aes-xts-plain64", "aes-cbc-essiv:sha256", "aes-cbc-plain"}) {
      for (int unit : new int[] {512, 4096}) {
        CipherSpec cipher = CipherSpec.parse("disk", spec);
        var key = new byte[cipher.keyBytes(256)];
        Arrays.fill(key, (byte) 7);
        var below = new MemoryStorage("below");
        below.resize(300_000 + 1536);
        var storage = new TransformedStorage(below, 1536, new SectorCipher(cipher, key, unit, 5));
        storage.zero(0, storage.size());
        byte[] model = new byte[(int) storage.size()];
        var dice = new SplittableRandom(unit);
        for (int step = 0; step < 300; step++) {
          int at = dice.nextInt(model.length);
          byte[] bytes = new byte[Math.min(dice.nextInt(1, 140_000), model.length - at)];
          if (dice.nextInt(4) > 0) {
            dice.nextBytes(bytes);
            storage.write(at, MemorySegment.ofArray(bytes));
          } else {
            storage.punch(at, bytes.length);
          }
          System.arraycopy(bytes, 0, model, at, bytes.length);
          byte[] found = new byte[bytes.length];
          storage.read(at, MemorySegment.ofArray(found));
          assertArrayEquals(bytes, found, spec);
        }
        byte[] all = new byte[model.length];
        storage.read(0, MemorySegment.ofArray(all));
        assertArrayEquals(model, all, spec);
      }
    }
  }

  /// Threads that write parts of the same sectors at once lose nothing.
  @Test
  void partsOfASectorAreWrittenSideBySide()
      throws IOException, InterruptedException, ExecutionException {
    var below = new MemoryStorage("below");
    below.resize(4096);
    var cipher = new SectorCipher(CipherSpec.XTS_PLAIN64, new byte[64], 512, 0);
    var storage = new TransformedStorage(below, 0, cipher);
    storage.zero(0, 4096);
    int threads = 8;
    try (var crew = Executors.newFixedThreadPool(threads)) {
      var tasks =
          IntStream.range(0, threads)
              .<Callable<Boolean>>mapToObj(number ->
                  () -> {
                    byte[] one = {(byte) (number + 1)};
                    for (int at = number; at < 4096; at += threads) {
                      storage.write(at, MemorySegment.ofArray(one));
                    }
                    return true;
                  })
              .toList();
      for (var done : crew.invokeAll(tasks)) {
        assertTrue(done.get());
      }
    }
    byte[] found = new byte[4096];
    storage.read(0, MemorySegment.ofArray(found));
    for (int at = 0; at < found.length; at++) {
      assertEquals(at % threads + 1, found[at], "at " + at);
    }
  }
}
