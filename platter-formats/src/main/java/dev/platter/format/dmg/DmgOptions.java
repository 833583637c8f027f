package dev.platter.format.dmg;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import java.util.List;

/// What a new image shall be.
///
/// @param kind how data is stored
/// @param chunkSize bytes of the disk that are compressed as a whole
/// @param size bytes of the disk
record DmgOptions(ChunkKind kind, int chunkSize, long size) {
  private static final String TYPE = "compression_type";
  private static final String CHUNK = "chunk_size";
  private static final String NONE = "none";
  private static final int SMALLEST = 4 << 10;
  private static final int USUAL = 1 << 20;

  /// Chunks of a table: they make a property list of half the size that is still read.
  static final int MOST = 1 << 18;

  static final List<Option> DECLARED =
      List.of(
          new Option(
              TYPE,
              Option.Kind.CHOICE,
              "zlib",
              List.of("zlib", "bzip2", "lzma", NONE),
              "how data is compressed (UDZO, UDBZ, ULMO, UDRO)"),
          Option.size(
              CHUNK, "", "bytes that are compressed as a whole, 1M or more for very large disks"));

  static DmgOptions of(Blueprint blueprint) {
    long size = blueprint.size();
    if (size < 0 || size % KolyTrailer.SECTOR != 0) {
      throw new IllegalArgumentException(
          "a DMG image holds whole sectors of 512 bytes, not " + size + " bytes");
    }
    if (blueprint.backing().isPresent()) {
      throw new IllegalArgumentException("a DMG image cannot have a parent");
    }
    return new DmgOptions(kind(blueprint.options().text(TYPE)), chunkSize(blueprint), size);
  }

  private static ChunkKind kind(String type) {
    return switch (type) {
      case "zlib" -> ChunkKind.ZLIB;
      case "bzip2" -> ChunkKind.BZIP2;
      case "lzma" -> ChunkKind.LZMA;
      default -> ChunkKind.RAW;
    };
  }

  private static int chunkSize(Blueprint blueprint) {
    if (blueprint.options().has(CHUNK)) {
      long asked = blueprint.options().size(CHUNK);
      if (asked < SMALLEST || asked > DmgOpening.LARGEST || Long.bitCount(asked) != 1) {
        throw new IllegalArgumentException(
            "option " + CHUNK + " is a power of two from 4K to 64M, not " + asked);
      }
      return (int) asked;
    }
    long chunk = USUAL;
    while (chunk < DmgOpening.LARGEST && blueprint.size() / chunk > MOST) {
      chunk *= 2;
    }
    return (int) chunk;
  }

  /// A new compressor.
  Compressor compressor() {
    return switch (kind) {
      case ZLIB -> Compressor.zlib(0);
      case BZIP2 -> Compressor.bzip2();
      case LZMA -> Compressor.xz();
      case ZERO, RAW, IGNORED, ADC, LZFSE, COMMENT, END ->
          throw new IllegalStateException(kind.label() + " is not written");
    };
  }

  /// Refuses what would make a property list that is not read.
  static void checkCount(long chunks) {
    if (chunks > 2L * MOST) {
      throw new IllegalArgumentException(
          "a DMG image with these options would have more than " + 2 * MOST + " chunks");
    }
  }
}
