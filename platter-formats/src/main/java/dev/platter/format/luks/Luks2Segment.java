package dev.platter.format.luks;

import dev.platter.format.crypto.CipherSpec;
import dev.platter.image.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Where guest data is, and how it is encrypted.
///
/// @param name the segment's name in the JSON
/// @param offset where it starts
/// @param size bytes, none if it goes on to the end
/// @param tweak the number of its first sector
/// @param sector bytes of a sector
record Luks2Segment(
    String name, long offset, OptionalLong size, long tweak, CipherSpec cipher, int sector) {

  /// The segment of a header, which must be the only one: there are several while a disk is
  /// encrypted anew.
  static Luks2Segment of(JsonFields root) throws ImageException {
    String file = root.file();
    refuseRequirements(root);
    JsonFields segments = root.object("segments");
    List<String> names = new ArrayList<>();
    for (String name : segments.names()) {
      if (!segments.object(name).has("flags")) {
        names.add(name);
      }
    }
    if (names.size() != 1) {
      throw new ImageException.Unsupported(
          file, "has " + names.size() + " segments of data, only one is understood");
    }
    JsonFields segment = segments.object(names.getFirst());
    String type = segment.text("type");
    if (!type.equals("crypt") || segment.has("integrity")) {
      throw new ImageException.Unsupported(
          file,
          segment.has("integrity")
              ? "has data with checksums of integrity, which are not understood"
              : "has a segment of type '" + type + "', only crypt is known");
    }
    int sector = (int) segment.number("sector_size", 512, 4096);
    if (Integer.bitCount(sector) != 1) {
      throw new ImageException.Corrupt(file, "has sectors of " + sector + " bytes");
    }
    OptionalLong size =
        segment.optionalText("size").equals(java.util.Optional.of("dynamic"))
            ? OptionalLong.empty()
            : OptionalLong.of(segment.number("size", sector, Long.MAX_VALUE));
    return new Luks2Segment(
        names.getFirst(),
        segment.number("offset", 0, Long.MAX_VALUE / 2),
        size,
        segment.number("iv_tweak", 0, Long.MAX_VALUE),
        CipherSpec.parse(file, segment.text("encryption")),
        sector);
  }

  private static void refuseRequirements(JsonFields root) throws ImageException {
    JsonFields config = root.object("config");
    if (config.has("requirements") && config.object("requirements").has("mandatory")) {
      List<String> wanted = config.object("requirements").texts("mandatory");
      if (!wanted.isEmpty()) {
        throw new ImageException.Unsupported(
            root.file(), "needs what is not understood: " + String.join(", ", wanted));
      }
    }
  }
}
