package dev.platter.format.cue;

import dev.platter.format.cue.CueSheet.DataFile;
import dev.platter.format.cue.CueSheet.Index;
import dev.platter.format.cue.CueSheet.Track;
import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds out which sectors of which file belong to which track.
///
/// Indices count sectors from the start of their file, and sectors of tracks of different modes
/// have different lengths: a place in a file follows from all indices before it.
final class CueLayout {
  private final String name;
  private final CueSheet sheet;
  private final List<Optional<Storage>> files;
  private final List<CuePiece> pieces = new ArrayList<>();

  private record Place(Track track, Index index) {}

  private CueLayout(String name, CueSheet sheet, List<Optional<Storage>> files) {
    this.name = name;
    this.sheet = sheet;
    this.files = files;
  }

  /// @param name what messages call the sheet
  /// @param files the storages of the sheet's files; of those that are missing nothing is known
  ///   behind their last index
  static List<CuePiece> pieces(String name, CueSheet sheet, List<Optional<Storage>> files)
      throws IOException {
    var layout = new CueLayout(name, sheet, files);
    layout.lay();
    return List.copyOf(layout.pieces);
  }

  private void lay() throws IOException {
    List<Place> places = new ArrayList<>();
    for (Track track : sheet.tracks()) {
      for (Index index : track.indices()) {
        places.add(new Place(track, index));
      }
    }
    long position = 0;
    for (int at = 0; at < places.size(); at++) {
      Place place = places.get(at);
      int size = place.track.mode().sectorSize();
      boolean first = at == 0 || places.get(at - 1).index.file() != place.index.file();
      position = first ? (long) place.index.sector() * size : position;
      boolean last =
          at + 1 == places.size() || places.get(at + 1).index.file() != place.index.file();
      long length = last ? restOfFile(place, position) : 0;
      long sectors =
          last ? length / size : (long) places.get(at + 1).index.sector() - place.index.sector();
      add(place, position, sectors, last ? length % size : 0);
      position += sectors * size;
    }
  }

  private void add(Place place, long position, long sectors, long rest) {
    int file = place.index.file();
    DataFile named = sheet.files().get(file);
    pieces.add(
        new CuePiece(
            place.track,
            place.index,
            files.get(file),
            named.isBigEndian(),
            position,
            sectors,
            rest));
  }

  private long restOfFile(Place place, long position) throws IOException {
    Optional<Storage> file = files.get(place.index.file());
    if (file.isEmpty()) {
      return 0;
    }
    long size = file.get().size();
    if (position > size) {
      throw new ImageException.Corrupt(
          name,
          "line "
              + place.index.line()
              + " of the sheet has an index at "
              + CueSheet.time(place.index.sector())
              + ", which is position "
              + position
              + " of "
              + file.get().name()
              + ", which ends at "
              + size);
    }
    return size - position;
  }
}
