package dev.platter.format.vhd;

import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Says where a name of the parent stands, and on which platform it means something.
///
/// @param code the platform, `Platform Code`; zero if the locator is not used
/// @param space room for the name, `Platform Data Space`: sectors says the specification, most
///   programs write bytes; nobody needs it
/// @param length bytes of the name
/// @param reserved zero
/// @param offset where the name starts in the file
record VhdLocator(Bytes code, long space, long length, long reserved, long offset) {
  /// A path relative to the child, for Windows, in UTF-16.
  static final Bytes RELATIVE = Bytes.text("W2ru", 4);

  /// An absolute path, for Windows, in UTF-16.
  static final Bytes ABSOLUTE = Bytes.text("W2ku", 4);

  /// A file URL, for macOS, in UTF-8.
  static final Bytes URL = Bytes.text("MacX", 4);

  static final VhdLocator NONE = new VhdLocator(Bytes.zeros(4), 0, 0, 0, 0);

  /// The longest name that is read.
  static final int LONGEST = 8192;

  static VhdLocator fields(Fields f, String name, VhdLocator v) {
    return new VhdLocator(
        f.bytes(name + ".code", 4, v.code),
        f.u32(name + ".space", v.space),
        f.u32(name + ".length", v.length),
        f.u32(name + ".reserved", v.reserved),
        f.u64(name + ".offset", v.offset));
  }

  /// Whether it points to a name.
  boolean isUsed() {
    return !code.isZero() && length > 0;
  }

  /// The platform's four letters.
  String platform() {
    return code.text(StandardCharsets.ISO_8859_1);
  }

  /// Whether the name lies in the file and is of a length that a name can have.
  boolean isInside(long fileSize) {
    return length <= LONGEST && offset >= VhdDynamicHeader.SIZE && offset <= fileSize - length;
  }

  /// The name as it stands there; none if the platform is not known or the bytes are no text.
  Optional<String> text(Storage storage) throws IOException {
    if (!isUsed() || !isInside(storage.size())) {
      return Optional.empty();
    }
    byte[] bytes = new byte[(int) length];
    storage.read(offset, MemorySegment.ofArray(bytes));
    if (code.equals(RELATIVE) || code.equals(ABSOLUTE)) {
      return decode(bytes, StandardCharsets.UTF_16LE);
    }
    return code.equals(URL) ? decode(bytes, StandardCharsets.UTF_8) : Optional.empty();
  }

  /// The text up to the first NUL.
  static Optional<String> decode(byte[] bytes, Charset charset) {
    try {
      String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      int end = text.indexOf('\0');
      return Optional.of(end < 0 ? text : text.substring(0, end)).filter(t -> !t.isEmpty());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  /// The name as a path with slashes; none where there is no name.
  Optional<String> path(Storage storage) throws IOException {
    Optional<String> text = text(storage);
    return code.equals(URL) ? text.flatMap(VhdLocator::fromUrl) : text.map(VhdLocator::slashes);
  }

  private static Optional<String> fromUrl(String url) {
    if (!url.startsWith("file://")) {
      return Optional.empty();
    }
    int path = url.indexOf('/', "file://".length());
    if (path < 0) {
      return Optional.empty();
    }
    try {
      String plain = url.substring(path).replace("+", "%2B");
      return Optional.of(URLDecoder.decode(plain, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A Windows path as a path of this format's readers: slashes, and no `./` in front.
  static String slashes(String path) {
    String plain = path.replace('\\', '/');
    return plain.startsWith("./") ? plain.substring(2) : plain;
  }
}
