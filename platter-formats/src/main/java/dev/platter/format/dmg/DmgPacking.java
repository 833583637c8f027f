package dev.platter.format.dmg;

import dev.platter.image.Blueprint;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The layout of a compressed image: chunks one behind the other, then the property list and the
/// trailer, with the checksums of everything.
final class DmgPacking implements Packing {
  private final DmgOptions options;
  private final DmgTail tail;
  private final DmgTable table = new DmgTable();
  private final Map<Long, DmgEncoder.Encoded> encoded = new ConcurrentHashMap<>();
  private final Crc data = new Crc();
  private final Crc content = new Crc();
  private long next;

  DmgPacking(Blueprint blueprint) {
    options = DmgOptions.of(blueprint);
    if (!options.kind().compressed()) {
      throw new IllegalArgumentException("a DMG image of compression_type=none is not compressed");
    }
    DmgOptions.checkCount(options.size() / options.chunkSize());
    tail = new DmgTail(options, blueprint.identities().get());
  }

  @Override
  public int unitSize() {
    return options.chunkSize();
  }

  @Override
  public int encodedLimit() {
    return options.chunkSize();
  }

  @Override
  public Encoder encoder() {
    return new DmgEncoder(options, encoded);
  }

  @Override
  public long place(long offset, int length) {
    DmgEncoder.Encoded chunk = encoded.remove(offset);
    long sectors = chunk.size() / KolyTrailer.SECTOR;
    long first = offset / KolyTrailer.SECTOR;
    content.addZeros((first - table.sector()) * KolyTrailer.SECTOR);
    content.add(chunk.plainSum(), chunk.size());
    data.add(chunk.storedSum(), length);
    table.add(chunk.kind(), first, sectors, next, length);
    long position = next;
    next += length;
    return position;
  }

  @Override
  public Plan finish(List<Run> zeros) {
    content.addZeros(options.size() - table.sector() * KolyTrailer.SECTOR);
    table.end(options.size() / KolyTrailer.SECTOR, next);
    List<Piece> pieces =
        tail.pieces(table, next, Checksum.crc32(data.sum()), Checksum.crc32(content.sum()));
    Piece last = pieces.getLast();
    return Plan.of(PlannedFile.main(last.position() + last.length(), pieces));
  }
}
