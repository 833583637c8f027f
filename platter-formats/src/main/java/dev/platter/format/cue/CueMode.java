package dev.platter.format.cue;

import dev.platter.image.Region.DataForm;
import dev.platter.image.Region.MetadataForm;
import java.util.Optional;

/// What the sectors of a track are, and what of them is stored (CDRWIN 3 user's guide, appendix A,
/// command TRACK; sectors: ECMA-130, section 14, and the CD-ROM XA specification).
enum CueMode {
  /// Samples of 16 bits.
  AUDIO("AUDIO", 2352, -1, DataForm.AUDIO),
  /// Samples, and the subchannels that have graphics.
  CDG("CDG", 2448, -1, DataForm.AUDIO),
  /// User data of mode 1.
  MODE1_2048("MODE1/2048", 2048, 0, DataForm.MODE1_2048),
  /// Whole sectors of mode 1.
  MODE1_2352("MODE1/2352", 2352, 16, DataForm.MODE1_2352),
  /// User data of mode 2, form 1.
  MODE2_2048("MODE2/2048", 2048, 0, DataForm.MODE2_2048),
  /// User data of mode 2, form 2: pictures and sound, of which no file system is made.
  MODE2_2324("MODE2/2324", 2324, -1, DataForm.RAW),
  /// Sectors of mode 2 from their subheader on.
  MODE2_2336("MODE2/2336", 2336, 8, DataForm.MODE2_2336),
  /// Whole sectors of mode 2.
  MODE2_2352("MODE2/2352", 2352, 24, DataForm.MODE2_2352),
  /// The same on a CD-i.
  CDI_2336("CDI/2336", 2336, 8, DataForm.MODE2_2336),
  /// The same on a CD-i.
  CDI_2352("CDI/2352", 2352, 24, DataForm.MODE2_2352);

  /// Bytes of user data that a file system sees in a sector.
  static final int USER = 2048;

  private static final int NONE = -1;

  private final String written;
  private final int sectorSize;
  private final int skip;
  private final DataForm form;

  CueMode(String written, int sectorSize, int skip, DataForm form) {
    this.written = written;
    this.sectorSize = sectorSize;
    this.skip = skip;
    this.form = form;
  }

  /// The mode of a word of a sheet in capitals.
  static Optional<CueMode> of(String word) {
    for (CueMode mode : values()) {
      if (mode.written.equals(word)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  /// As it is written in a sheet.
  String written() {
    return written;
  }

  /// Bytes of a sector in the file.
  int sectorSize() {
    return sectorSize;
  }

  /// Whether a file system sees anything of the sectors.
  boolean hasUserData() {
    return skip != NONE;
  }

  /// Bytes of a sector in front of its user data.
  int skip() {
    return skip;
  }

  /// Samples, whose bytes a file can have in either order.
  boolean isAudio() {
    return form == DataForm.AUDIO;
  }

  /// Sectors as they are stored.
  DataForm form() {
    return form;
  }

  /// What follows a sector's data.
  MetadataForm metadata() {
    return this == CDG ? MetadataForm.RAW : MetadataForm.NONE;
  }

  /// The user data alone.
  DataForm userForm() {
    return this == MODE1_2048 || this == MODE1_2352 ? DataForm.MODE1_2048 : DataForm.MODE2_2048;
  }
}
