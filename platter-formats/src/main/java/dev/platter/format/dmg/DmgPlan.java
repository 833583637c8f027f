package dev.platter.format.dmg;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.util.ArrayList;
import java.util.List;

/// The layout of a new image whose data is stored as it is. It has no checksums, since the data is
/// not seen before it is written.
final class DmgPlan {
  /// Bytes of a chunk: what other programs take at most is 64 MiB.
  private static final long CHUNK = 32L << 20;

  private final Blueprint blueprint;
  private final DmgOptions options;

  DmgPlan(Blueprint blueprint) {
    this.blueprint = blueprint;
    this.options = DmgOptions.of(blueprint);
  }

  Plan plan(Allocation allocation) {
    long unit = KolyTrailer.SECTOR;
    Allocation runs = allocation.align(unit);
    while (runs.count() > DmgOptions.MOST) {
      // fewer and larger runs, with the zeros between them
      unit *= 2;
      runs = allocation.align(unit);
    }
    DmgOptions.checkCount(2L * runs.count() + runs.dataBytes() / CHUNK);
    var table = new DmgTable();
    List<Piece> pieces = new ArrayList<>();
    long end = 0;
    for (int run = 0; run < runs.count(); run++) {
      if (runs.isZero(run)) {
        continue;
      }
      long last = Math.min(runs.end(run), options.size());
      for (long at = runs.start(run); at < last; at += CHUNK) {
        long length = Math.min(CHUNK, last - at);
        table.add(ChunkKind.RAW, at / KolyTrailer.SECTOR, length / KolyTrailer.SECTOR, end, length);
        pieces.add(new Piece.Guest(end, length, at));
        end += length;
      }
    }
    table.end(options.size() / KolyTrailer.SECTOR, end);
    var tail = new DmgTail(options, blueprint.identities().get());
    pieces.addAll(tail.pieces(table, end, Checksum.NONE, Checksum.NONE));
    Piece last = pieces.getLast();
    return Plan.of(PlannedFile.main(last.position() + last.length(), pieces));
  }
}
