package dev.platter.format.dmg;

import dev.platter.image.ImageException;
import dev.platter.image.ImageException.Corrupt;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Opens an image: its trailer, its block tables, and the places of all chunks, each checked.
final class DmgOpening {
  /// Bytes of the disk that are compressed as a whole, and that they may have stored.
  static final long LARGEST = 64L << 20;

  private static final int SECTOR = KolyTrailer.SECTOR;

  private final Storage storage;
  private final OpenContext context;

  DmgOpening(Storage storage, OpenContext context) {
    this.storage = storage;
    this.context = context;
  }

  DmgImage open() throws IOException {
    String file = storage.name();
    if (DmgEncryption.isEncrypted(storage)) {
      throw new ImageException.Unsupported(file, "is an encrypted disk image");
    }
    long position = KolyTrailer.find(storage);
    if (position < 0) {
      throw new Corrupt(file, "has no trailer at its end or start");
    }
    KolyTrailer trailer = KolyTrailer.STRUCT.read(storage, position).checked(file, storage.size());
    List<Partition> partitions = new DmgTables(storage, trailer, context.limits()).read();
    ChunkMap chunks = chunks(trailer, partitions);
    long end = chunks.count() == 0 ? 0 : chunks.end(chunks.count() - 1);
    long size = trailer.sectors() == 0 ? end : trailer.sectors() * SECTOR;
    if (end > size) {
      throw new Corrupt(
          file, "chunks end at " + end + ", and the trailer says that the disk has " + size);
    }
    return new DmgImage(storage, position, trailer, partitions, chunks, size);
  }

  private ChunkMap chunks(KolyTrailer trailer, List<Partition> partitions) throws IOException {
    int total = 0;
    for (Partition partition : partitions) {
      total = Math.addExact(total, partition.chunks());
    }
    var chunks = new ChunkMap(total);
    List<Integer> tables = new ArrayList<>();
    for (Partition partition : partitions) {
      tables.add(chunks.count());
      long base = base(trailer, partition);
      long[] end = {0};
      partition.forEach((index, chunk) -> end[0] = add(chunks, partition, chunk, base, end[0]));
    }
    return chunks.sorted(storage.name(), tables);
  }

  private long base(KolyTrailer trailer, Partition partition) throws Corrupt {
    long offset = partition.head().dataOffset();
    if (offset < 0 || offset > Long.MAX_VALUE - trailer.dataForkOffset()) {
      throw new Corrupt(
          storage.name(), partition.label() + " has its data at " + Long.toUnsignedString(offset));
    }
    return trailer.dataForkOffset() + offset;
  }

  /// Adds a chunk if it has sectors.
  ///
  /// @param base where offsets are counted from
  /// @param end the sector behind the chunks before
  /// @return the same behind this one
  private long add(ChunkMap chunks, Partition partition, Chunk chunk, long base, long end)
      throws IOException {
    ChunkKind kind =
        ChunkKind.of(chunk.type())
            .orElseThrow(() ->
                new ImageException.Unsupported(
                    storage.name(),
                    what(partition, chunk)
                        + " is of the type 0x"
                        + Long.toHexString(chunk.type())
                        + ", which is not known"));
    if (!kind.hasSectors() || chunk.sectors() == 0) {
      return end;
    }
    long sectors = partition.head().sectors();
    if (chunk.firstSector() < end
        || chunk.sectors() < 0
        || chunk.firstSector() > sectors
        || chunk.sectors() > sectors - chunk.firstSector()) {
      throw new Corrupt(
          storage.name(),
          what(partition, chunk)
              + " is for "
              + Long.toUnsignedString(chunk.sectors())
              + " sectors, expected some between "
              + end
              + " and "
              + sectors);
    }
    long start = (partition.head().firstSector() + chunk.firstSector()) * SECTOR;
    long size = chunk.sectors() * SECTOR;
    if (kind.zeros()) {
      chunks.add(kind, start, start + size, base, 0);
    } else {
      chunks.add(kind, start, start + size, position(partition, chunk, kind, base), chunk.length());
    }
    return chunk.firstSector() + chunk.sectors();
  }

  /// Where a chunk's bytes are.
  private long position(Partition partition, Chunk chunk, ChunkKind kind, long base)
      throws IOException {
    String file = storage.name();
    long size = chunk.sectors() * SECTOR;
    if (kind.compressed()) {
      Limits.check(file, what(partition, chunk) + ": bytes of the disk", size, LARGEST);
      Limits.check(file, what(partition, chunk) + ": bytes stored", chunk.length(), LARGEST);
    } else if (chunk.length() != size) {
      throw new Corrupt(
          file,
          what(partition, chunk)
              + " has "
              + Long.toUnsignedString(chunk.length())
              + " bytes as they are for "
              + size
              + " of the disk");
    }
    long fileSize = storage.size();
    if (chunk.offset() < 0
        || base > fileSize
        || chunk.offset() > fileSize - base
        || chunk.length() > fileSize - base - chunk.offset()) {
      throw new Corrupt(
          file,
          what(partition, chunk)
              + " has "
              + chunk.length()
              + " bytes at "
              + base
              + " + "
              + Long.toUnsignedString(chunk.offset())
              + ", and the file ends at "
              + fileSize);
    }
    return base + chunk.offset();
  }

  private static String what(Partition partition, Chunk chunk) {
    return partition.label() + ": chunk of sector " + Long.toUnsignedString(chunk.firstSector());
  }
}
