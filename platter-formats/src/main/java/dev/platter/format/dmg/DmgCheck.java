package dev.platter.format.dmg;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Who owns which bytes of an image, and whether its checksums are right.
final class DmgCheck {
  private static final int PIECE = 1 << 20;

  private final DmgImage image;
  private final Storage storage;
  private final KolyTrailer trailer;

  DmgCheck(DmgImage image) {
    this.image = image;
    this.storage = image.storage();
    this.trailer = image.trailer();
  }

  void claims(Consumer<Claim> sink) {
    sink.accept(new Claim("trailer", image.trailerPosition(), KolyTrailer.LENGTH));
    claim(sink, "property list", trailer.plistOffset(), trailer.plistLength());
    claim(sink, "resource fork", trailer.resourceForkOffset(), trailer.resourceForkLength());
    claim(sink, "code signature", trailer.signatureOffset(), trailer.signatureLength());
    ChunkMap chunks = image.chunks();
    int[] order = chunks.byPosition();
    long end = trailer.dataForkOffset();
    for (int chunk : order) {
      long position = chunks.position(chunk);
      gap(sink, end, position);
      long sector = chunks.start(chunk) / KolyTrailer.SECTOR;
      claim(sink, "chunk of sector " + sector, position, chunks.length(chunk));
      end = Math.max(end, position + chunks.length(chunk));
    }
    gap(sink, end, trailer.dataForkOffset() + trailer.dataForkLength());
  }

  /// Images that Apple's tools have written chunk by chunk have room between chunks that was used
  /// once; it is a part of the data fork, whose checksum covers it.
  private void gap(Consumer<Claim> sink, long from, long to) {
    long end = Math.min(to, trailer.dataForkOffset() + trailer.dataForkLength());
    claim(sink, "unused part of the data fork", from, end - from);
  }

  private static void claim(Consumer<Claim> sink, String owner, long position, long length) {
    if (length > 0) {
      sink.accept(new Claim(owner, position, length));
    }
  }

  void findings(Consumer<Finding> sink) throws IOException {
    if (trailer.dataChecksum().isCrc32()) {
      var crc = new Crc();
      stored(crc, trailer.dataForkOffset(), trailer.dataForkLength());
      compare(sink, "the data fork", trailer.dataChecksum(), crc);
    }
    long covered = 0;
    var master = new Crc();
    boolean known = trailer.masterChecksum().isCrc32();
    for (Partition partition : image.partitions()) {
      covered = Math.max(covered, partition.head().firstSector() + partition.head().sectors());
      Checksum checksum = partition.head().checksum();
      known &= checksum.isCrc32();
      master.add(checksum.value().toArray(), 0, Integer.BYTES);
      if (checksum.isCrc32()) {
        check(sink, partition);
      }
    }
    if (trailer.sectors() != covered) {
      sink.accept(
          Finding.corruption(
              storage.name()
                  + ": the trailer says that the disk has "
                  + trailer.sectors()
                  + " sectors, block tables are for "
                  + covered,
              "the disk may be longer or shorter than it was"));
    }
    if (known) {
      compare(sink, "all block tables", trailer.masterChecksum(), master);
    }
  }

  private void check(Consumer<Finding> sink, Partition partition) throws IOException {
    Crc crc;
    try {
      crc = content(partition);
    } catch (ImageException e) {
      sink.accept(Finding.corruption(e.getMessage(), "what the chunk has cannot be read"));
      return;
    }
    compare(sink, partition.label(), partition.head().checksum(), crc);
  }

  private void compare(Consumer<Finding> sink, String what, Checksum expected, Crc found) {
    if (expected.crc() != found.sum()) {
      sink.accept(
          Finding.corruption(
              storage.name()
                  + ": the checksum of "
                  + what
                  + " is "
                  + Long.toHexString(expected.crc())
                  + ", what is there has "
                  + Long.toHexString(found.sum()),
              "what is read may be wrong"));
    }
  }

  /// The bytes of the disk that a table is for, without those that it ignores.
  private Crc content(Partition partition) throws IOException {
    var crc = new Crc();
    ChunkMap chunks = image.chunks();
    partition.forEach((_, chunk) -> {
      ChunkKind kind = ChunkKind.of(chunk.type()).orElse(ChunkKind.COMMENT);
      if (kind.hasSectors() && chunk.sectors() > 0) {
        long first = partition.head().firstSector() + chunk.firstSector();
        add(crc, kind, chunks, chunks.after(first * KolyTrailer.SECTOR));
      }
    });
    return crc;
  }

  private void add(Crc crc, ChunkKind kind, ChunkMap chunks, int chunk) throws IOException {
    if (kind == ChunkKind.ZERO) {
      crc.addZeros(chunks.end(chunk) - chunks.start(chunk));
    } else if (kind == ChunkKind.RAW) {
      stored(crc, chunks.position(chunk), chunks.length(chunk));
    } else if (kind.compressed()) {
      decoded(crc, chunks, chunk);
    }
  }

  private void decoded(Crc crc, ChunkMap chunks, int chunk) throws IOException {
    byte[] stored = new byte[(int) chunks.length(chunk)];
    storage.read(chunks.position(chunk), MemorySegment.ofArray(stored));
    byte[] unit = new byte[(int) (chunks.end(chunk) - chunks.start(chunk))];
    image
        .decoder()
        .decode(
            chunks.kind(chunk),
            chunks.start(chunk),
            MemorySegment.ofArray(stored),
            MemorySegment.ofArray(unit));
    crc.add(unit, 0, unit.length);
  }

  private void stored(Crc crc, long position, long length) throws IOException {
    byte[] piece = new byte[(int) Math.min(length, PIECE)];
    for (long done = 0; done < length; ) {
      int count = (int) Math.min(piece.length, length - done);
      storage.read(position + done, MemorySegment.ofArray(piece).asSlice(0, count));
      crc.add(piece, 0, count);
      done += count;
    }
  }
}
