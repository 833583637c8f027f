package dev.platter.format.cue;

import dev.platter.format.cue.CueSheet.DataFile;
import dev.platter.format.cue.CueSheet.Index;
import dev.platter.format.cue.CueSheet.Track;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// Makes a sheet of its lines.
final class CueParser {
  private static final int LAST_TRACK = 99;
  private static final int LAST_INDEX = 99;
  private static final int MINUTES = 1000;

  /// All are open at once; a track has at most its own and one with the gap in front of it.
  private static final int MOST_FILES = 2 * LAST_TRACK;

  private final String name;
  private final Limits limits;
  private final SequencedMap<String, Object> texts = new LinkedHashMap<>();
  private final List<DataFile> files = new ArrayList<>();
  private final List<Track> tracks = new ArrayList<>();
  private final List<Object> remarks = new ArrayList<>();

  /// The track that is being described, where there is one.
  private final List<Open> open = new ArrayList<>();

  /// A track of which not everything is known yet.
  private static final class Open {
    private final int number;
    private final CueMode mode;
    private final SequencedMap<String, Object> texts = new LinkedHashMap<>();
    private final List<Index> indices = new ArrayList<>();
    private int pregap;
    private int postgap;

    private Open(int number, CueMode mode) {
      this.number = number;
      this.mode = mode;
    }
  }

  private CueParser(String name, Limits limits) {
    this.name = name;
    this.limits = limits;
  }

  static CueSheet parse(List<CueText.Line> lines, String name, Limits limits)
      throws ImageException {
    var parser = new CueParser(name, limits);
    for (CueText.Line line : lines) {
      parser.take(line);
    }
    parser.endTrack();
    if (parser.tracks.isEmpty()) {
      throw new ImageException.Corrupt(name, "is a sheet without a track");
    }
    if (!parser.remarks.isEmpty()) {
      parser.texts.put("remarks", parser.remarks);
    }
    return new CueSheet(parser.texts, List.copyOf(parser.files), List.copyOf(parser.tracks));
  }

  private void take(CueText.Line line) throws ImageException {
    switch (line.command()) {
      case "FILE" -> file(line);
      case "TRACK" -> track(line);
      case "INDEX" -> index(line);
      case "PREGAP" -> pregap(line);
      case "POSTGAP" -> current(line).postgap = time(line, 1, argument(line, 1));
      case "REM" -> remarks.add(line.rest());
      case "FLAGS" -> current(line).texts.put("flags", line.rest());
      case "ISRC" -> text(current(line).texts, line);
      case "CATALOG", "CDTEXTFILE" -> text(texts, line);
      case "TITLE",
          "PERFORMER",
          "SONGWRITER",
          "COMPOSER",
          "ARRANGER",
          "MESSAGE",
          "DISC_ID",
          "GENRE",
          "UPC_EAN" ->
          text(open.isEmpty() ? texts : open.getFirst().texts, line);
      default -> throw corrupt(line, "has the unknown command '" + shown(line.command()) + "'");
    }
  }

  private static String shown(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "..." : text;
  }

  /// CD-Text is said in one word or several; not all writers quote it.
  private static void text(SequencedMap<String, Object> target, CueText.Line line) {
    String value = String.join(" ", line.words().subList(1, line.words().size()));
    target.put(line.command().toLowerCase(Locale.ROOT), value);
  }

  private void file(CueText.Line line) throws ImageException {
    count(line, 3);
    Limits.check(
        name, "files of the sheet", files.size() + 1L, Math.min(limits.files(), MOST_FILES));
    String type = line.words().get(2).toUpperCase(Locale.ROOT);
    files.add(new DataFile(line.words().get(1), type, line.number()));
  }

  private void track(CueText.Line line) throws ImageException {
    count(line, 3);
    if (files.isEmpty()) {
      throw corrupt(line, "has a track before any file");
    }
    endTrack();
    int number = number(line, argument(line, 1), LAST_TRACK);
    int last = tracks.isEmpty() ? number - 1 : tracks.getLast().number();
    if (number != last + 1 || number == 0) {
      throw corrupt(line, "has track " + number + ", expected " + Math.max(last + 1, 1));
    }
    String mode = line.words().get(2);
    open.add(
        new Open(
            number,
            CueMode.of(mode.toUpperCase(Locale.ROOT))
                .orElseThrow(
                    () -> corrupt(line, "has a track of the unknown mode '" + shown(mode) + "'"))));
  }

  private void endTrack() throws ImageException {
    if (open.isEmpty()) {
      return;
    }
    Open done = open.removeFirst();
    if (done.indices.stream().noneMatch(index -> index.number() == 1)) {
      throw new ImageException.Corrupt(
          name, "has no INDEX 01 in track " + done.number + " of the sheet");
    }
    tracks.add(
        new Track(
            done.number,
            done.mode,
            done.texts,
            done.pregap,
            done.postgap,
            List.copyOf(done.indices)));
  }

  private void index(CueText.Line line) throws ImageException {
    count(line, 3);
    Open track = current(line);
    int number = number(line, argument(line, 1), LAST_INDEX);
    boolean first = track.indices.isEmpty();
    if (first ? number > 1 : number != track.indices.getLast().number() + 1) {
      throw corrupt(line, "has INDEX " + number + " out of order");
    }
    int sector = time(line, 2, argument(line, 2));
    int file = files.size() - 1;
    Index last = lastIndex();
    if (last.file() == file && last.sector() > sector) {
      throw corrupt(
          line,
          "has an index at "
              + CueSheet.time(sector)
              + ", before the last one at "
              + CueSheet.time(last.sector()));
    }
    track.indices.add(new Index(number, file, sector, line.number()));
  }

  private Index lastIndex() {
    if (!open.getFirst().indices.isEmpty()) {
      return open.getFirst().indices.getLast();
    }
    return tracks.isEmpty() ? new Index(0, 0, 0, 0) : tracks.getLast().indices().getLast();
  }

  private void pregap(CueText.Line line) throws ImageException {
    Open track = current(line);
    if (!track.indices.isEmpty()) {
      throw corrupt(line, "has a PREGAP behind an INDEX");
    }
    track.pregap = time(line, 1, argument(line, 1));
  }

  private Open current(CueText.Line line) throws ImageException {
    if (open.isEmpty()) {
      throw corrupt(line, "has " + line.command() + " before any track");
    }
    return open.getFirst();
  }

  private void count(CueText.Line line, int words) throws ImageException {
    if (line.words().size() != words) {
      throw corrupt(
          line,
          "has "
              + (line.words().size() - 1)
              + " arguments for "
              + line.command()
              + ", expected "
              + (words - 1));
    }
  }

  private String argument(CueText.Line line, int index) throws ImageException {
    count(line, line.command().endsWith("GAP") ? 2 : 3);
    return line.words().get(index);
  }

  private int number(CueText.Line line, String text, int most) throws ImageException {
    int value = -1;
    if (!text.isEmpty() && text.length() <= 3) {
      value = 0;
      for (int at = 0; at < text.length(); at++) {
        int digit = text.charAt(at) - '0';
        value = digit >= 0 && digit <= 9 && value >= 0 ? value * 10 + digit : -1;
      }
    }
    if (value < 0 || value > most) {
      throw corrupt(line, "has '" + shown(text) + "', expected a number up to " + most);
    }
    return value;
  }

  /// Minutes, seconds and frames, as sectors.
  private int time(CueText.Line line, int index, String text) throws ImageException {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw corrupt(line, "has '" + shown(text) + "' as argument " + index + ", expected MM:SS:FF");
    }
    int minutes = number(line, parts[0], MINUTES - 1);
    int seconds = number(line, parts[1], 59);
    int frames = number(line, parts[2], CueSheet.SECTORS_A_SECOND - 1);
    return (minutes * 60 + seconds) * CueSheet.SECTORS_A_SECOND + frames;
  }

  private ImageException corrupt(CueText.Line line, String what) {
    return new ImageException.Corrupt(name, "line " + line.number() + " of the sheet " + what);
  }
}
