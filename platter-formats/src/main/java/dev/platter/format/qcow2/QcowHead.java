package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What stands in the first cluster: the header, its extensions and the parent's name.
///
/// @param header the fixed fields
/// @param additional bytes of the header behind the fixed fields, the compression type first; kept
///   as they were found
/// @param extensions in their order, unknown ones too
/// @param backing the parent's name
record QcowHead(
    QcowHeader header, Bytes additional, List<QcowExtension> extensions, Optional<String> backing) {
  private static final int MAX_NAME = 1023;
  private static final long MAX_L1_BYTES = 32 << 20;
  private static final long MAX_REFCOUNT_TABLE_BYTES = 8 << 20;

  /// Bytes of an extension's data that one read of the head is made for.
  private static final int USUAL = 4096;

  /// 0 zlib, 1 zstd.
  int compressionType() {
    return additional.length() == 0 ? 0 : additional.toArray()[0] & 0xff;
  }

  /// The first extension of a type.
  Optional<QcowExtension> extension(long type) {
    for (QcowExtension extension : extensions) {
      if (extension.type() == type) {
        return Optional.of(extension);
      }
    }
    return Optional.empty();
  }

  /// The text of an extension.
  Optional<String> text(long type) {
    return extension(type).map(e -> e.data().text(StandardCharsets.UTF_8));
  }

  /// The names that the image gives to features.
  List<QcowFeatures.Feature> featureNames() {
    return extension(QcowExtension.FEATURE_NAMES)
        .map(e -> QcowFeatures.decode(e.data()))
        .orElse(List.of());
  }

  /// Reads the head, and checks what the rest of the package takes for granted: sizes are within
  /// what the format and the limits allow, tables are aligned. Features are not judged, nor whether
  /// tables lie in the file.
  static QcowHead read(Storage storage, Limits limits) throws IOException {
    String file = storage.name();
    long end = storage.size();
    byte[] bytes = bytes(storage, 0, (int) Math.min(end, USUAL));
    require(bytes.length >= QcowHeader.V2_LENGTH, file, "size", end, "at least a header");
    QcowHeader header = decode(file, bytes);
    checkFixed(file, header, limits);
    if (header.clusterSize() > bytes.length) {
      bytes = wholeHead(storage, header, bytes);
    }
    int from = header.version() == 2 ? QcowHeader.V2_LENGTH : QcowHeader.V3_LENGTH;
    int headerEnd = (int) header.headerLength();
    require(headerEnd <= bytes.length, file, "header_length", headerEnd, "inside the file");
    Bytes additional = Bytes.of(java.util.Arrays.copyOfRange(bytes, from, headerEnd));
    int room = Math.min(bytes.length, header.clusterSize());
    boolean inside = header.backingOffset() > 0 && header.backingOffset() < room;
    int extensionsEnd = inside ? (int) header.backingOffset() : room;
    return new QcowHead(
        header,
        additional,
        extensions(file, bytes, headerEnd, extensionsEnd),
        backing(storage, header));
  }

  private static QcowHeader decode(String file, byte[] bytes) throws ImageException {
    QcowHeader v2 = QcowHeader.V2.decode(bytes, 0);
    require(v2.magic() == QcowHeader.MAGIC, file, "magic", v2.magic(), "0x514649fb");
    if (v2.version() != 2 && v2.version() != 3) {
      throw new ImageException.Unsupported(
          file, "qcow2 version " + v2.version() + " at 4, known are 2 and 3");
    }
    if (v2.version() == 2) {
      return v2;
    }
    require(bytes.length >= QcowHeader.V3_LENGTH, file, "size", bytes.length, "a whole header");
    return QcowHeader.V3.decode(bytes, 0);
  }

  private static void checkFixed(String file, QcowHeader h, Limits limits) throws ImageException {
    require(
        h.clusterBits() >= QcowHeader.MIN_CLUSTER_BITS
            && h.clusterBits() <= QcowHeader.MAX_CLUSTER_BITS,
        file,
        "cluster_bits",
        h.clusterBits(),
        "9 to 21");
    require(h.refcountOrder() <= 6, file, "refcount_order", h.refcountOrder(), "0 to 6");
    require(
        h.headerLength() <= h.clusterSize()
            && (h.version() == 2
                || (h.headerLength() >= QcowHeader.V3_LENGTH && h.headerLength() % 8 == 0)),
        file,
        "header_length",
        h.headerLength(),
        "104 or more, a multiple of 8, at most a cluster");
    require(
        !h.extended() || h.clusterBits() >= 14,
        file,
        "cluster_bits",
        h.clusterBits(),
        "14 or more with extended L2 entries");
    require(h.size() >= 0, file, "size", h.size(), "below 2^63");
    long mask = h.clusterSize() - 1L;
    require((h.l1Offset() & mask) == 0, file, "l1_table_offset", h.l1Offset(), "aligned");
    require(
        (h.refcountOffset() & mask) == 0,
        file,
        "refcount_table_offset",
        h.refcountOffset(),
        "aligned");
    require(
        (h.snapshotsOffset() & mask) == 0 || h.snapshotCount() == 0,
        file,
        "snapshots_offset",
        h.snapshotsOffset(),
        "aligned");
    Limits.check(file, "l1_size in bytes", h.l1Size() * 8, Math.min(MAX_L1_BYTES, limits.tables()));
    Limits.check(file, "L1 table for the disk's size in bytes", h.l1Needed() * 8, MAX_L1_BYTES);
    Limits.check(
        file,
        "refcount table in bytes",
        h.refcountClusters() << h.clusterBits(),
        Math.min(Math.max(MAX_REFCOUNT_TABLE_BYTES, h.clusterSize()), limits.tables()));
    Limits.check(file, "nb_snapshots", h.snapshotCount(), limits.snapshots());
  }

  /// Most heads end in their first few kilobytes; longer ones are read as far as they go.
  private static byte[] wholeHead(Storage storage, QcowHeader h, byte[] start) throws IOException {
    int at = (int) h.headerLength();
    while (at + QcowExtension.HEAD <= start.length) {
      var head = ByteBuffer.wrap(start, at, QcowExtension.HEAD);
      if (head.getInt() == 0) {
        return start;
      }
      long next = at + QcowExtension.HEAD + ((head.getInt() & 0xffff_ffffL) + 7 & -8L);
      if (next > start.length) {
        break;
      }
      at = (int) next;
    }
    return bytes(storage, 0, (int) Math.min(storage.size(), h.clusterSize()));
  }

  private static List<QcowExtension> extensions(String file, byte[] bytes, int from, int end)
      throws ImageException {
    List<QcowExtension> found = new ArrayList<>();
    int at = from;
    while (at + QcowExtension.HEAD <= end) {
      var in = ByteBuffer.wrap(bytes, at, QcowExtension.HEAD);
      long type = in.getInt() & 0xffff_ffffL;
      long length = in.getInt() & 0xffff_ffffL;
      if (type == QcowExtension.END) {
        break;
      }
      int data = at + QcowExtension.HEAD;
      if (length > end - data) {
        throw new ImageException.Corrupt(
            file,
            "header extension 0x"
                + Long.toHexString(type)
                + " at "
                + at
                + " has length "
                + length
                + ", only "
                + (end - data)
                + " bytes are left for extensions");
      }
      Bytes content = Bytes.of(java.util.Arrays.copyOfRange(bytes, data, data + (int) length));
      found.add(new QcowExtension(type, content));
      at = data + ((int) length + 7 & -8);
    }
    return List.copyOf(found);
  }

  private static Optional<String> backing(Storage storage, QcowHeader h) throws IOException {
    if (h.backingOffset() == 0) {
      return Optional.empty();
    }
    String file = storage.name();
    require(
        h.backingSize() <= MAX_NAME, file, "backing_file_size", h.backingSize(), "at most 1023");
    require(
        h.backingOffset() > 0
            && h.backingOffset() <= h.clusterSize() - h.backingSize()
            && h.backingOffset() <= storage.size() - h.backingSize(),
        file,
        "backing_file_offset",
        h.backingOffset(),
        "inside the first cluster");
    byte[] name = bytes(storage, h.backingOffset(), (int) h.backingSize());
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (CharacterCodingException _) {
      throw new ImageException.Corrupt(
          file, "the backing file's name at " + h.backingOffset() + " is not UTF-8");
    }
  }

  private static byte[] bytes(Storage storage, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    storage.read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static void require(boolean holds, String file, String field, long value, String expected)
      throws ImageException {
    if (!holds) {
      throw new ImageException.Corrupt(
          file,
          "header field "
              + field
              + " is "
              + Long.toUnsignedString(value)
              + ", expected "
              + expected);
    }
  }

  /// The bytes from the file's start to the end of the head, with the parent's name behind the
  /// extensions: for new images, and for images whose extensions change.
  byte[] encode() {
    byte[] name = backing.orElse("").getBytes(StandardCharsets.UTF_8);
    int extensionsStart = (int) header.headerLength();
    int nameStart = extensionsStart + QcowExtension.HEAD;
    for (QcowExtension extension : extensions) {
      nameStart += extension.size();
    }
    QcowHeader placed =
        new QcowHeader(
            header.magic(),
            header.version(),
            name.length == 0 ? 0 : nameStart,
            name.length,
            header.clusterBits(),
            header.size(),
            header.cryptMethod(),
            header.l1Size(),
            header.l1Offset(),
            header.refcountOffset(),
            header.refcountClusters(),
            header.snapshotCount(),
            header.snapshotsOffset(),
            header.incompatible(),
            header.compatible(),
            header.autoclear(),
            header.refcountOrder(),
            header.headerLength());
    var out = ByteBuffer.allocate(nameStart + name.length);
    out.put(QcowHeader.struct(header.version()).encode(placed));
    out.put(additional.toArray());
    for (QcowExtension extension : extensions) {
      int start = out.position();
      out.putInt((int) extension.type());
      out.putInt(extension.data().length());
      out.put(extension.data().toArray());
      out.position(start + extension.size());
    }
    out.putLong(0);
    out.put(name);
    return out.array();
  }
}
