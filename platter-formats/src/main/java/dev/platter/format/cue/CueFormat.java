package dev.platter.format.cue;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Compact discs as a text that describes tracks, and files of their sectors.
public final class CueFormat implements ImageFormat {
  /// How a disc is seen.
  static final String VIEW = "view";

  static final String COOKED = "cooked";
  static final String RAW = "raw";

  private static final int LOOKED_AT = 16 << 10;

  /// The format is found as a service.
  public CueFormat() {}

  @Override
  public String name() {
    return "cue";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Compact disc (CUE sheet)";
  }

  @Override
  public List<String> extensions() {
    return List.of("cue");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<Option> openOptions() {
    return List.of(
        Option.choice(
            VIEW,
            List.of(COOKED, RAW),
            "the 2048 bytes of user data of each sector, or sectors as they are stored"));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.CHECK);
  }

  /// A text that names a file of sectors or sound, after nothing but commands that may come before
  /// that. A large file is a disk, whatever it begins with.
  @Override
  public Probe probe(Storage storage) throws IOException {
    long size = storage.size();
    if (size == 0 || size > Limits.standard().text()) {
      return new Probe.NotMine();
    }
    byte[] start = new byte[(int) Math.min(size, LOOKED_AT)];
    storage.read(0, MemorySegment.ofArray(start));
    for (byte b : start) {
      if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1a) {
        return new Probe.NotMine();
      }
    }
    return namesFile(start) ? new Probe.Mine() : new Probe.NotMine();
  }

  private static boolean namesFile(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    int at = text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
    while (at < text.length()) {
      int end = at;
      while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
        end++;
      }
      String line = text.substring(at, end).strip();
      int blank = 0;
      while (blank < line.length() && line.charAt(blank) > ' ') {
        blank++;
      }
      switch (line.substring(0, blank).toUpperCase(Locale.ROOT)) {
        case "FILE" -> {
          return isFile(line);
        }
        case "",
            "REM",
            "CATALOG",
            "CDTEXTFILE",
            "TITLE",
            "PERFORMER",
            "SONGWRITER",
            "COMPOSER",
            "ARRANGER",
            "MESSAGE",
            "DISC_ID",
            "GENRE",
            "UPC_EAN" -> {}
        default -> {
          return false;
        }
      }
      at = end + 1;
    }
    return false;
  }

  private static boolean isFile(String line) {
    int blank = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
    if (blank <= "FILE".length()) {
      return false;
    }
    return switch (line.substring(blank + 1).toUpperCase(Locale.ROOT)) {
      case "BINARY", "MOTOROLA", "AIFF", "WAVE", "MP3", "FLAC" -> true;
      default -> false;
    };
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return CueImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("sheets are not written");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
