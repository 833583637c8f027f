package dev.platter.format.luks;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;

/// The newer one of a container's two headers that is whole.
///
/// @param header the binary part
/// @param json the other part
record Luks2Area(Luks2Header header, Json.Members json) {

  /// Reads both headers.
  static Luks2Area read(Storage storage) throws IOException {
    Optional<Luks2Area> first = at(storage, 0);
    Optional<Luks2Area> second = Optional.empty();
    if (first.isPresent()) {
      second = at(storage, first.get().header.size());
    } else {
      for (long size = Luks2Header.LEAST; size <= Luks2Header.MOST && second.isEmpty(); size *= 2) {
        second = at(storage, size);
      }
    }
    boolean newer =
        second.isPresent()
            && (first.isEmpty() || second.get().header.sequence() > first.get().header.sequence());
    Optional<Luks2Area> found = newer ? second : first;
    return found.orElseThrow(() ->
        new ImageException.Corrupt(
            storage.name(), "neither of its two LUKS2 headers has a checksum that fits"));
  }

  private static Optional<Luks2Area> at(Storage storage, long position) throws IOException {
    Luks2Header header = Luks2Header.STRUCT.read(storage, position);
    Bytes magic = position == 0 ? Luks2Header.FIRST : Luks2Header.SECOND;
    long size = header.size();
    boolean plausible =
        header.magic().equals(magic)
            && header.version() == 2
            && Long.bitCount(size) == 1
            && size >= Luks2Header.LEAST
            && size <= Luks2Header.MOST
            && header.offset() == position
            && position + size <= storage.size();
    if (!plausible) {
      return Optional.empty();
    }
    String algorithm = header.algorithm().text(StandardCharsets.UTF_8);
    if (!algorithm.equals("sha256")) {
      throw new ImageException.Unsupported(
          storage.name(),
          "has headers with checksums of '" + algorithm + "' at 72, only sha256 is known");
    }
    byte[] area = new byte[(int) size];
    storage.read(position, MemorySegment.ofArray(area));
    byte[] blank = Luks2Header.STRUCT.encode(header.with(Bytes.zeros(64)));
    System.arraycopy(blank, 0, area, 0, blank.length);
    if (!Luks2Header.sum(area).equals(header.checksum())) {
      return Optional.empty();
    }
    return Optional.of(
        new Luks2Area(header, JsonParser.parse(storage.name(), text(storage.name(), area))));
  }

  /// The JSON ends with the first zero byte.
  private static String text(String file, byte[] area) throws ImageException {
    int end = Luks2Header.BYTES;
    while (end < area.length && area[end] != 0) {
      end++;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(area, Luks2Header.BYTES, end - Luks2Header.BYTES))
          .toString();
    } catch (CharacterCodingException _) {
      throw new ImageException.Corrupt(file, "the JSON of its header is not UTF-8");
    }
  }

  /// Writes both headers, the first one durable before the second is touched, so that one of them
  /// is always whole.
  ///
  /// @return what is there now
  Luks2Area write(Storage storage) throws IOException {
    byte[] salt = new byte[64];
    var random = new SecureRandom();
    random.nextBytes(salt);
    Luks2Header first = header.next(Luks2Header.FIRST, salt);
    random.nextBytes(salt);
    Luks2Header second = header.next(Luks2Header.SECOND, salt);
    for (Luks2Header each : new Luks2Header[] {first, second}) {
      storage.write(each.offset(), MemorySegment.ofArray(encode(storage.name(), each)));
      storage.flush();
    }
    return new Luks2Area(first, json);
  }

  private byte[] encode(String file, Luks2Header each) throws ImageException {
    var text = new StringBuilder();
    json.write(text);
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    byte[] area = new byte[(int) each.size()];
    if (bytes.length >= area.length - Luks2Header.BYTES) {
      throw new ImageException.Unsupported(file, "has no room in its header for one more key slot");
    }
    System.arraycopy(bytes, 0, area, Luks2Header.BYTES, bytes.length);
    byte[] start = Luks2Header.STRUCT.encode(each);
    System.arraycopy(start, 0, area, 0, start.length);
    start = Luks2Header.STRUCT.encode(each.with(Luks2Header.sum(area)));
    System.arraycopy(start, 0, area, 0, start.length);
    return area;
  }
}
