package dev.platter.format.qcow2;

import dev.platter.format.crypto.KeyContainer;
import dev.platter.image.ImageInfo;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// Describes an image, with the names that `qemu-img info` uses.
///
/// @param storage the main file
/// @param keys the LUKS header, if there is one that can be read
record QcowInfo(Storage storage, QcowHead head, Optional<KeyContainer> keys, Limits limits) {
  private static final String[] ENCRYPTION = {"", "aes", "luks"};

  ImageInfo info() throws IOException {
    QcowHeader header = head.header();
    return new ImageInfo(
        OptionalLong.of(header.clusterSize()),
        header.has(QcowFeatures.DIRTY),
        header.has(QcowFeatures.CORRUPT),
        header.cryptMethod() != 0,
        false,
        Optional.empty(),
        snapshots(),
        specific());
  }

  private List<ImageInfo.Snapshot> snapshots() throws IOException {
    List<ImageInfo.Snapshot> found = new ArrayList<>();
    for (QcowSnapshot snapshot : QcowSnapshot.read(storage, head.header(), limits)) {
      found.add(snapshot.info(head.header().size()));
    }
    return found;
  }

  private SequencedMap<String, Object> specific() throws IOException {
    QcowHeader header = head.header();
    boolean versionThree = header.version() > 2;
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("compat", versionThree ? "1.1" : "0.10");
    specific.put("compression-type", compression(head.compressionType()));
    if (versionThree) {
      specific.put("lazy-refcounts", (header.compatible() & QcowFeatures.LAZY_REFCOUNTS) != 0);
    }
    List<Object> bitmaps = bitmaps();
    if (!bitmaps.isEmpty()) {
      specific.put("bitmaps", bitmaps);
    }
    specific.put("refcount-bits", 1L << header.refcountOrder());
    if (header.has(QcowFeatures.DATA_FILE)) {
      head.text(QcowExtension.DATA_FILE).ifPresent(name -> specific.put("data-file", name));
      specific.put("data-file-raw", (header.autoclear() & QcowFeatures.RAW_DATA_FILE) != 0);
    }
    encryption(header.cryptMethod()).ifPresent(e -> specific.put("encrypt", e));
    if (versionThree) {
      specific.put("corrupt", header.has(QcowFeatures.CORRUPT));
      specific.put("extended-l2", header.extended());
      putUnknown(specific, "unknown-incompatible", 0, unknownIncompatible());
    }
    return specific;
  }

  private static String compression(int type) {
    return switch (type) {
      case 0 -> QcowCodec.ZLIB.label();
      case 1 -> QcowCodec.ZSTD.label();
      default -> "unknown " + type;
    };
  }

  private long unknownIncompatible() {
    return head.header().incompatible() & ~QcowFeatures.KNOWN_INCOMPATIBLE;
  }

  private void putUnknown(SequencedMap<String, Object> specific, String name, int kind, long bits) {
    if (bits != 0) {
      specific.put(name, QcowFeatures.names(head.featureNames(), kind, bits));
    }
  }

  private Optional<Map<String, Object>> encryption(long method) {
    if (method == 0) {
      return Optional.empty();
    }
    SequencedMap<String, Object> encryption = new LinkedHashMap<>();
    encryption.put("format", method < ENCRYPTION.length ? ENCRYPTION[(int) method] : "" + method);
    keys.ifPresent(k -> encryption.putAll(k.describe()));
    return Optional.of(encryption);
  }

  /// Bitmaps, if the image says that what it has of them is consistent.
  private List<Object> bitmaps() throws IOException {
    List<Object> found = new ArrayList<>();
    if ((head.header().autoclear() & QcowFeatures.BITMAPS) == 0) {
      return found;
    }
    for (QcowBitmap bitmap : QcowBitmap.read(storage, head, limits)) {
      SequencedMap<String, Object> description = new LinkedHashMap<>();
      List<Object> flags = new ArrayList<>();
      if (bitmap.has(QcowBitmap.IN_USE)) {
        flags.add("in-use");
      }
      if (bitmap.has(QcowBitmap.AUTO)) {
        flags.add("auto");
      }
      description.put("flags", flags);
      description.put("name", bitmap.name());
      description.put("granularity", bitmap.granularity());
      found.add(description);
    }
    return found;
  }
}
