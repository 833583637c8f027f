package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// An entry of the bitmap directory. Big-endian.
///
/// @param position where the entry starts in the file
/// @param head the fixed fields
/// @param name unique in the image
record QcowBitmap(long position, Head head, String name) {
  /// Flag: the bitmap was not saved, nobody may trust it.
  static final long IN_USE = 1;

  /// Flag: the bitmap follows all changes of the disk.
  static final long AUTO = 2;

  /// Flag: extra data that is not understood does no harm.
  static final long EXTRA_DATA_COMPATIBLE = 4;

  /// Where the flags are in an entry.
  static final int FLAGS_AT = 12;

  private static final long MAX_DIRECTORY = 64 << 20;

  /// The header extension that says where the directory is.
  ///
  /// @param count how many bitmaps there are (`nb_bitmaps`)
  /// @param size bytes of the directory (`bitmap_directory_size`)
  /// @param offset where the directory starts (`bitmap_directory_offset`)
  record Directory(long count, long reserved, long size, long offset) {
    static final Struct<Directory> STRUCT =
        Struct.bigEndian("bitmaps extension", new Directory(0, 0, 0, 0), Directory::fields);

    private static Directory fields(Fields f, Directory d) {
      return new Directory(
          f.u32("nb_bitmaps", d.count),
          f.u32("reserved", d.reserved),
          f.u64("bitmap_directory_size", d.size),
          f.u64("bitmap_directory_offset", d.offset));
    }

    /// The directory that an extension describes.
    static Directory of(String file, QcowExtension extension) throws ImageException {
      if (extension.data().length() != STRUCT.size()) {
        throw new ImageException.Corrupt(
            file, "the bitmaps extension has " + extension.data().length() + " bytes, expected 24");
      }
      return STRUCT.decode(extension.data().toArray(), 0);
    }
  }

  /// The fixed fields of an entry.
  ///
  /// @param tableOffset where the bitmap table starts (`bitmap_table_offset`)
  /// @param tableSize entries of it (`bitmap_table_size`)
  /// @param flags [#IN_USE], [#AUTO], [#EXTRA_DATA_COMPATIBLE]
  /// @param type 1 for a dirty bitmap
  /// @param granularityBits a bit stands for `1 << granularityBits` bytes of the disk
  /// @param nameSize bytes of the name behind the extra data
  /// @param extraSize bytes of extra data behind the fixed fields
  record Head(
      long tableOffset,
      long tableSize,
      long flags,
      int type,
      int granularityBits,
      int nameSize,
      long extraSize) {
    static final Struct<Head> STRUCT =
        Struct.bigEndian("bitmap", new Head(0, 0, 0, 0, 0, 0, 0), Head::fields);

    private static Head fields(Fields f, Head h) {
      return new Head(
          f.u64("bitmap_table_offset", h.tableOffset),
          f.u32("bitmap_table_size", h.tableSize),
          f.u32("flags", h.flags),
          f.u8("type", h.type),
          f.u8("granularity_bits", h.granularityBits),
          f.u16("name_size", h.nameSize),
          f.u32("extra_data_size", h.extraSize));
    }
  }

  /// Whether a flag is set.
  boolean has(long flag) {
    return (head.flags & flag) != 0;
  }

  /// Bytes of the disk that a bit stands for.
  long granularity() {
    return head.granularityBits < 63 ? 1L << head.granularityBits : Long.MAX_VALUE;
  }

  /// Reads the directory that the bitmaps extension describes, none if there is no extension.
  static List<QcowBitmap> read(Storage storage, QcowHead image, Limits limits) throws IOException {
    var extension = image.extension(QcowExtension.BITMAPS);
    return extension.isEmpty()
        ? List.of()
        : entries(storage, Directory.of(storage.name(), extension.get()), limits);
  }

  private static List<QcowBitmap> entries(Storage storage, Directory directory, Limits limits)
      throws IOException {
    String file = storage.name();
    Limits.check(file, "nb_bitmaps", directory.count, limits.snapshots());
    Limits.check(
        file, "bitmap_directory_size", directory.size, Math.min(MAX_DIRECTORY, limits.tables()));
    if (directory.offset <= 0 || directory.offset > storage.size() - directory.size) {
      throw new ImageException.Corrupt(
          file,
          "the bitmap directory at "
              + Long.toUnsignedString(directory.offset)
              + " with "
              + directory.size
              + " bytes is not inside the file");
    }
    byte[] bytes = new byte[(int) directory.size];
    storage.read(directory.offset, MemorySegment.ofArray(bytes));
    List<QcowBitmap> found = new ArrayList<>();
    int at = 0;
    for (long i = 0; i < directory.count; i++) {
      long left = (long) bytes.length - at - Head.STRUCT.size();
      Head head = left < 0 ? Head.STRUCT.blank() : Head.STRUCT.decode(bytes, at);
      if (left < head.extraSize + head.nameSize) {
        throw new ImageException.Corrupt(
            file,
            "bitmap " + i + " at " + (directory.offset + at) + " is longer than its directory");
      }
      int name = at + Head.STRUCT.size() + (int) head.extraSize;
      found.add(
          new QcowBitmap(
              directory.offset + at,
              head,
              Bytes.of(java.util.Arrays.copyOfRange(bytes, name, name + head.nameSize))
                  .text(StandardCharsets.UTF_8)));
      at = name + head.nameSize + 7 & -8;
    }
    return found;
  }
}
