package dev.platter.format.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keys from passphrases by repetition (RFC 8018, 5.2). The platform's own takes texts only, and
/// what LUKS derives from is bytes.
public final class Pbkdf2 {
  private static final int SAMPLE = 4096;
  private static final long SAMPLE_NANOS = 60_000_000;

  private Pbkdf2() {}

  /// Derives a key.
  ///
  /// @param iterations at least 1
  public static byte[] derive(Hash hash, byte[] secret, byte[] salt, long iterations, int length) {
    try {
      Mac mac = Mac.getInstance(hash.hmac());
      // a key of no bytes is not taken; one of a zero is the same to an HMAC
      mac.init(new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, "RAW"));
      byte[] key = new byte[length];
      for (int done = 0, block = 1; done < length; done += hash.bytes(), block++) {
        byte[] sum = block(mac, salt, block, iterations);
        System.arraycopy(sum, 0, key, done, Math.min(sum.length, length - done));
        Arrays.fill(sum, (byte) 0);
      }
      return key;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] block(Mac mac, byte[] salt, int number, long iterations)
      throws GeneralSecurityException {
    mac.update(salt);
    byte[] link = mac.doFinal(ByteBuffer.allocate(4).putInt(number).array());
    byte[] sum = link.clone();
    for (long done = 1; done < iterations; done++) {
      mac.update(link, 0, link.length);
      mac.doFinal(link, 0);
      for (int index = 0; index < sum.length; index++) {
        sum[index] ^= link[index];
      }
    }
    return sum;
  }

  /// How many iterations for a key of this length take so long on this machine.
  ///
  /// @param least the fewest that are answered
  public static long iterations(Hash hash, int length, long millis, long least) {
    byte[] salt = new byte[32];
    long started = System.nanoTime();
    long perMilli = 0;
    long taken = 0;
    // the fastest of several short runs: the first ones are slow until the code is compiled
    while (taken < SAMPLE_NANOS && taken < millis * 1_000_000) {
      long before = System.nanoTime();
      derive(hash, salt, salt, SAMPLE, length);
      long now = System.nanoTime();
      perMilli = Math.max(perMilli, SAMPLE * 1_000_000L / Math.max(now - before, 1));
      taken = now - started;
    }
    return Math.max(least, Math.min(perMilli * millis, Effort.ITERATIONS));
  }
}
