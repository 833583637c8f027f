package dev.platter.format.cue;

import java.util.List;
import java.util.SequencedMap;

/// What a sheet says.
///
/// @param texts what belongs to the disc: title, performer, catalogue number …
/// @param files in their order
/// @param tracks in their order
record CueSheet(SequencedMap<String, Object> texts, List<DataFile> files, List<Track> tracks) {
  /// Sectors that a second has.
  static final int SECTORS_A_SECOND = 75;

  private static final int SECONDS_A_MINUTE = 60;

  /// A file of sectors.
  ///
  /// @param type how the sectors are stored, in capitals
  /// @param line the sheet's line that names it
  record DataFile(String name, String type, int line) {
    /// Whether it is made of sectors. (Other types are files for players of sound.)
    boolean hasSectors() {
      return type.equals("BINARY") || isBigEndian();
    }

    /// Whether samples have their most significant byte first.
    boolean isBigEndian() {
      return type.equals("MOTOROLA");
    }
  }

  /// A track.
  ///
  /// @param number 1 to 99
  /// @param texts what belongs to it
  /// @param pregap sectors of silence before it that are in no file
  /// @param postgap sectors of silence behind it that are in no file
  /// @param indices the places in it that have numbers
  record Track(
      int number,
      CueMode mode,
      SequencedMap<String, Object> texts,
      int pregap,
      int postgap,
      List<Index> indices) {}

  /// A place in a track: it goes on from there to the next one.
  ///
  /// @param number 0 is the gap before the track, 1 its start
  /// @param file which file it is in, counted from 0
  /// @param sector which of the file's sectors it starts at
  /// @param line the sheet's line that says so
  record Index(int number, int file, int sector, int line) {}

  /// Sectors as minutes, seconds and frames.
  static String time(long sectors) {
    long seconds = sectors / SECTORS_A_SECOND;
    return two(seconds / SECONDS_A_MINUTE)
        + ":"
        + two(seconds % SECONDS_A_MINUTE)
        + ":"
        + two(sectors % SECTORS_A_SECOND);
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
