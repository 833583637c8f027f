package dev.platter.format.cue;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.ImageInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// A disc in words.
final class CueDescription {
  private CueDescription() {}

  static ImageInfo info(CueSheet sheet, List<CuePiece> pieces, String variant) {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    all.put("view", variant);
    all.putAll(sheet.texts());
    List<Object> tracks = new ArrayList<>();
    for (CueSheet.Track track : sheet.tracks()) {
      tracks.add(track(sheet, track, pieces));
    }
    all.put("tracks", tracks);
    return new ImageInfo(
        OptionalLong.empty(), false, false, false, false, Optional.of(variant), List.of(), all);
  }

  private static SequencedMap<String, Object> track(
      CueSheet sheet, CueSheet.Track track, List<CuePiece> pieces) {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    all.put("number", (long) track.number());
    all.put("mode", track.mode().written());
    all.putAll(track.texts());
    gap(all, "pregap", track.pregap());
    gap(all, "postgap", track.postgap());
    List<Object> indices = new ArrayList<>();
    for (CuePiece piece : pieces) {
      if (piece.track().number() == track.number()) {
        CueSheet.DataFile file = sheet.files().get(piece.index().file());
        SequencedMap<String, Object> index = new LinkedHashMap<>();
        index.put("number", (long) piece.index().number());
        index.put("file", file.name());
        index.put("type", file.type());
        index.put("start", CueSheet.time(piece.index().sector()));
        index.put("position", piece.position());
        if (piece.file().isPresent()) {
          index.put("sectors", piece.sectors());
        } else {
          index.put("missing", true);
        }
        indices.add(index);
      }
    }
    all.put("indices", indices);
    return all;
  }

  private static void gap(SequencedMap<String, Object> target, String name, int sectors) {
    if (sectors > 0) {
      target.put(name, CueSheet.time(sectors));
    }
  }

  static void dump(List<CueText.Line> lines, long size, Dump sink) {
    sink.begin("sheet", 0, size);
    for (CueText.Line line : lines) {
      sink.field(
          line.command(), line.position(), line.length(), line.rest(), "line " + line.number());
    }
    sink.end();
  }
}
