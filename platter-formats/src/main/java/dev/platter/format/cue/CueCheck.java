package dev.platter.format.cue;

import dev.platter.image.Finding;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/// Looks at the sectors of a piece: what they begin with, and their error detection codes
/// (ECMA-130, section 14; CD-ROM XA, section 4.6).
final class CueCheck {
  private static final int SECTORS_AT_ONCE = 64;
  private static final int[] TABLE = table();
  private static final ValueLayout.OfInt CODE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Bytes of a whole sector in front of the subheader, and of the subheader.
  private static final int HEADER = 16;

  private static final int SUBHEADER = 8;
  private static final int SUBMODE = 2;
  private static final int FORM_2 = 0x20;
  private static final int FORM_2_DATA = 2324;

  private final CuePiece piece;
  private final Consumer<Finding> sink;
  private final CueMode mode;
  private long badStart;
  private long badCode;
  private long firstBadStart;
  private long firstBadCode;

  CueCheck(CuePiece piece, Consumer<Finding> sink) {
    this.piece = piece;
    this.sink = sink;
    this.mode = piece.track().mode();
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int at = 0; at < table.length; at++) {
      int value = at;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) == 0 ? value >>> 1 : value >>> 1 ^ 0xd8018001;
      }
      table[at] = value;
    }
    return table;
  }

  void run() throws IOException {
    if (piece.file().isEmpty()) {
      return;
    }
    Storage file = piece.file().get();
    if (piece.rest() > 0) {
      sink.accept(
          Finding.corruption(
              file.name()
                  + " ends with "
                  + piece.rest()
                  + " bytes behind the last whole sector of track "
                  + piece.track().number(),
              "they are not in the disk"));
    }
    if (mode.hasUserData() && mode.skip() > 0 && piece.end() <= file.size()) {
      sectors(file);
    }
    report(badStart, firstBadStart, "do not begin as a sector of their mode does");
    report(badCode, firstBadCode, "have data that their error detection code does not fit");
  }

  private void report(long count, long first, String what) {
    if (count > 0) {
      sink.accept(
          Finding.corruption(
              count
                  + " of "
                  + piece.sectors()
                  + " sectors of track "
                  + piece.track().number()
                  + " "
                  + what
                  + ", the first at position "
                  + first
                  + " of "
                  + piece.file().map(Storage::name).orElse(""),
              ""));
    }
  }

  private void sectors(Storage file) throws IOException {
    int size = mode.sectorSize();
    MemorySegment chunk = MemorySegment.ofArray(new byte[SECTORS_AT_ONCE * size]);
    for (long done = 0; done < piece.sectors(); done += SECTORS_AT_ONCE) {
      int count = (int) Math.min(SECTORS_AT_ONCE, piece.sectors() - done);
      long position = piece.position() + done * size;
      file.read(position, chunk.asSlice(0, (long) count * size));
      for (int at = 0; at < count; at++) {
        sector(chunk.asSlice((long) at * size, size), position + (long) at * size);
      }
    }
  }

  private void sector(MemorySegment sector, long position) {
    boolean whole = mode.form().name().endsWith("2352");
    if (whole && !begins(sector)) {
      firstBadStart = badStart == 0 ? position : firstBadStart;
      badStart++;
      return;
    }
    boolean good = mode == CueMode.MODE1_2352 ? good1(sector) : good2(sector, whole ? HEADER : 0);
    if (!good) {
      firstBadCode = badCode == 0 ? position : firstBadCode;
      badCode++;
    }
  }

  /// The synchronisation pattern, and the mode in the header.
  private boolean begins(MemorySegment sector) {
    for (int at = 0; at < 12; at++) {
      int expected = at == 0 || at == 11 ? 0 : 0xff;
      if ((sector.get(ValueLayout.JAVA_BYTE, at) & 0xff) != expected) {
        return false;
      }
    }
    return sector.get(ValueLayout.JAVA_BYTE, HEADER - 1) == (mode == CueMode.MODE1_2352 ? 1 : 2);
  }

  private static boolean good1(MemorySegment sector) {
    return fits(sector, 0, HEADER + CueMode.USER);
  }

  /// Sectors without a subheader have no code.
  private static boolean good2(MemorySegment sector, int header) {
    for (int at = 0; at < SUBHEADER / 2; at++) {
      if (sector.get(ValueLayout.JAVA_BYTE, header + at)
          != sector.get(ValueLayout.JAVA_BYTE, header + SUBHEADER / 2 + at)) {
        return true;
      }
    }
    boolean second = (sector.get(ValueLayout.JAVA_BYTE, header + SUBMODE) & FORM_2) != 0;
    int length = SUBHEADER + (second ? FORM_2_DATA : CueMode.USER);
    // of form 2 the code may be left out
    return (second && sector.get(CODE, header + length) == 0) || fits(sector, header, length);
  }

  private static boolean fits(MemorySegment sector, int start, int length) {
    int code = 0;
    for (int at = start; at < start + length; at++) {
      code = code >>> 8 ^ TABLE[(code ^ sector.get(ValueLayout.JAVA_BYTE, at)) & 0xff];
    }
    return code == sector.get(CODE, start + length);
  }
}
