package dev.platter.format.sparsebundle;

import dev.platter.format.plist.PropertyList;
import dev.platter.image.ImageException;
import dev.platter.image.ImageException.Corrupt;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What `Info.plist` says.
///
/// @param version of the way in which bands are kept
/// @param band bytes of a band
/// @param size bytes of the disk
record BundleInfo(long version, long band, long size) {
  static final String TYPE = "com.apple.diskimage.sparsebundle";

  private static final int SECTOR = 512;
  private static final long LARGEST_BAND = 1L << 40;

  /// Bands of a disk: 128 TiB of 8 MiB each.
  private static final long MOST_BANDS = 1 << 24;

  static BundleInfo read(Storage storage, Limits limits) throws IOException {
    String file = storage.name();
    Limits.check(file, "bytes of the property list", storage.size(), limits.text());
    byte[] text = new byte[(int) storage.size()];
    storage.read(0, MemorySegment.ofArray(text));
    PropertyList.Value.Dictionary root = PropertyList.parse(file, text);
    String type = root.text("diskimage-bundle-type").orElse("");
    if (!type.equals(TYPE)) {
      throw new Corrupt(file, "has the diskimage-bundle-type '" + type + "'");
    }
    var info =
        new BundleInfo(
            number(file, root, "bundle-backingstore-version"),
            number(file, root, "band-size"),
            number(file, root, "size"));
    return info.checked(file);
  }

  private static long number(String file, PropertyList.Value.Dictionary root, String key)
      throws Corrupt {
    String text = root.text(key).orElse("");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new Corrupt(file, "has no number as " + key);
    }
  }

  private BundleInfo checked(String file) throws ImageException {
    if (version != 1) {
      throw new ImageException.Unsupported(
          file, "has bundle-backingstore-version " + version + ", which is not known, only 1");
    }
    if (band < SECTOR || band > LARGEST_BAND || band % SECTOR != 0) {
      throw new Corrupt(file, "has band-size " + band + ", expected whole sectors");
    }
    if (size < 0 || size % SECTOR != 0) {
      throw new Corrupt(file, "has size " + size + ", expected whole sectors");
    }
    Limits.check(file, "bands", size / band, MOST_BANDS);
    return this;
  }
}
