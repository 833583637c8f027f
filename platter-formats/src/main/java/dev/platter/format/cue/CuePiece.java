package dev.platter.format.cue;

import dev.platter.io.Storage;
import java.util.Optional;

/// A part of a track that stands in one file: from an index to the next one, or to the file's end.
///
/// @param track which one it is of
/// @param index where it starts
/// @param file where its sectors are; none if the file is missing
/// @param bigEndian whether samples have their most significant byte first there
/// @param position the first sector's place in the file
/// @param sectors how many there are
/// @param rest bytes behind the last sector, up to the file's end, that are no whole one
record CuePiece(
    CueSheet.Track track,
    CueSheet.Index index,
    Optional<Storage> file,
    boolean bigEndian,
    long position,
    long sectors,
    long rest) {
  /// Where its sectors end in the file.
  long end() {
    return position + sectors * track.mode().sectorSize();
  }
}
