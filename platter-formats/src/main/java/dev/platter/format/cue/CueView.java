package dev.platter.format.cue;

import dev.platter.image.Mapping;
import dev.platter.image.Region;
import dev.platter.image.Region.DataForm;
import dev.platter.image.Region.MetadataForm;
import dev.platter.io.Storage;
import dev.platter.io.Strided;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A disc as a disk: which bytes of which file follow each other.
final class CueView {
  private final List<Run> runs = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private long size;
  private long blocks;

  /// Bytes of the disk that stand in one piece of a storage, or are zeros.
  ///
  /// @param start the first one's offset
  private record Run(long start, long length, Optional<Storage> storage, long position) {}

  private CueView() {}

  /// All sectors of all files as they are stored, but samples always with their least significant
  /// byte first.
  static CueView raw(List<CuePiece> pieces) {
    var view = new CueView();
    for (CuePiece piece : pieces) {
      CueMode mode = piece.track().mode();
      int sector = mode.sectorSize();
      boolean swapped = mode.isAudio() && piece.bigEndian();
      var shape = new Strided.Shape(sector, 0, sector, samples(mode));
      view.add(piece, sector, swapped ? Optional.of(shape) : Optional.empty());
      view.region(piece.sectors(), sector, mode.form(), mode.metadata());
    }
    return view;
  }

  private static int samples(CueMode mode) {
    return mode.sectorSize() - (mode.metadata() == MetadataForm.RAW ? Region.SUBCHANNEL : 0);
  }

  /// The disc as a drive counts its blocks, from the start of the first track to the last sector
  /// that has user data: user data where there is some, zeros for everything else between.
  static CueView cooked(List<CuePiece> pieces) {
    var view = new CueView();
    int end = end(pieces);
    boolean started = false;
    for (int at = 0; at < end; at++) {
      CuePiece piece = pieces.get(at);
      CueMode mode = piece.track().mode();
      boolean first = piece.index().equals(piece.track().indices().getFirst());
      if (started && first) {
        view.gap(piece.track().pregap());
      }
      // the gap in front of the first track is in front of block 0
      started |= piece.index().number() > 0;
      if (started && mode.hasUserData()) {
        var shape = new Strided.Shape(mode.sectorSize(), mode.skip(), CueMode.USER, 0);
        boolean plain = mode.sectorSize() == CueMode.USER;
        view.add(piece, CueMode.USER, plain ? Optional.empty() : Optional.of(shape));
        view.region(piece.sectors(), CueMode.USER, mode.userForm(), MetadataForm.NONE);
      } else if (started) {
        view.gap(piece.sectors());
      }
      boolean last = piece.index().equals(piece.track().indices().getLast());
      if (last && at + 1 < end) {
        view.gap(piece.track().postgap());
      }
    }
    return view;
  }

  /// How many pieces there are up to the last one with user data.
  private static int end(List<CuePiece> pieces) {
    int end = pieces.size();
    while (end > 0 && !pieces.get(end - 1).track().mode().hasUserData()) {
      end--;
    }
    return end;
  }

  private void add(CuePiece piece, int seen, Optional<Strided.Shape> shape) {
    long length = piece.sectors() * seen;
    if (length == 0) {
      return;
    }
    Optional<Storage> strided =
        piece
            .file()
            .flatMap(
                file -> shape.map(s -> new Strided(file, piece.position(), piece.sectors(), s)));
    long position = strided.isPresent() ? 0 : piece.position();
    runs.add(new Run(size, length, strided.or(piece::file), position));
    size += length;
  }

  private void gap(long sectors) {
    if (sectors > 0) {
      long length = sectors * CueMode.USER;
      runs.add(new Run(size, length, Optional.empty(), Mapping.NOWHERE));
      size += length;
      region(sectors, CueMode.USER, DataForm.MODE1_EMPTY, MetadataForm.NONE);
    }
  }

  /// Adds blocks, to the last region if they are of the same kind.
  private void region(long count, int blockSize, DataForm data, MetadataForm metadata) {
    if (count == 0) {
      return;
    }
    var region = new Region(blocks, count, blockSize, data, metadata);
    blocks += count;
    if (!regions.isEmpty()) {
      Region last = regions.getLast();
      if (last.blockSize() == blockSize && last.data() == data && last.metadata() == metadata) {
        regions.removeLast();
        region = new Region(last.start(), last.blocks() + count, blockSize, data, metadata);
      }
    }
    regions.add(region);
  }

  long size() {
    return size;
  }

  List<Region> regions() {
    return List.copyOf(regions);
  }

  Mapping map(long offset, long length) {
    Run run = find(offset);
    long skip = offset - run.start;
    long rest = Math.min(length, run.length - skip);
    return run.storage.isPresent()
        ? new Mapping.Stored(run.storage.get(), run.position + skip, rest)
        : new Mapping.Zero(rest);
  }

  private Run find(long offset) {
    int low = 0;
    int high = runs.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (runs.get(middle).start <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return runs.get(low);
  }
}
