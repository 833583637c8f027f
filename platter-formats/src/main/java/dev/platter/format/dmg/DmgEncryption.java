package dev.platter.format.dmg;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Knows encrypted images, which have another kind of file around them.
final class DmgEncryption {
  /// At the start of version 2.
  private static final byte[] START = "encrcdsa".getBytes(StandardCharsets.US_ASCII);

  /// At the end of version 1.
  private static final byte[] END = "cdsaencr".getBytes(StandardCharsets.US_ASCII);

  private DmgEncryption() {}

  static boolean isEncrypted(Storage storage) throws IOException {
    long size = storage.size();
    return size >= KolyTrailer.LENGTH
        && (has(storage, 0, START) || has(storage, size - END.length, END));
  }

  private static boolean has(Storage storage, long position, byte[] mark) throws IOException {
    byte[] found = new byte[mark.length];
    storage.read(position, MemorySegment.ofArray(found));
    return Arrays.equals(found, mark);
  }
}
