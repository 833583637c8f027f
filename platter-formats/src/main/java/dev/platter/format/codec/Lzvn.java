package dev.platter.format.codec;

import java.util.zip.DataFormatException;

/// A block of LZVN: steps of up to three bytes as they are and a repetition, or of a longer run of
/// one of them.
///
/// L, M and D are the count of bytes as they are, the count of repeated bytes and the distance:
///
/// | first byte | then | L | M |
/// |:--|:--|:--|:--|
/// | `LLMMMDDD` | the lower 8 bits of D | L | M + 3 |
/// | `LLMMM111` | D, 16 bits | L | M + 3 |
/// | `LLMMM110` | D as before | L | M + 3 |
/// | `101LLMMM` | `DDDDDDMM DDDDDDDD`, little-endian | L | M + 3, five bits |
/// | `1110LLLL` | nothing, or L - 16 if it is 0 | L | – |
/// | `1111MMMM` | nothing, or M - 16 if it is 0 | – | M |
/// | `00000110` | seven zeros: the end | | |
/// | `00001110`, `00010110` | nothing, for filling up | | |
final class Lzvn {
  private static final int END = 6;
  private static final int SHORT_LITERALS = 3;
  private static final int LEAST = 3;

  private final LzInput in;
  private final LzOutput out;
  private int distance;

  private Lzvn(LzInput in, LzOutput out) {
    this.in = in;
    this.out = out;
  }

  /// Decodes a block.
  ///
  /// @param end what the output's size is behind it
  static void decode(LzInput in, LzOutput out, long end) throws DataFormatException {
    var block = new Lzvn(in, out);
    while (out.size() < end) {
      int step = in.u8();
      if (step == END) {
        return;
      }
      block.step(step);
    }
  }

  private void step(int step) throws DataFormatException {
    switch (step >> 4) {
      case 0xf -> out.repeat(distance, length(step));
      case 0xe -> out.literals(in, length(step));
      case 0xa, 0xb -> {
        int rest = in.u16();
        pair((step >> 3) & SHORT_LITERALS, ((step & 7) << 2) | (rest & 3), rest >> 2);
      }
      case 0x7, 0xd -> throw new DataFormatException("no step");
      default -> small(step);
    }
  }

  private void small(int step) throws DataFormatException {
    int literals = step >> 6;
    int repeated = (step >> 3) & 7;
    switch (step & 7) {
      case 7 -> pair(literals, repeated, in.u16());
      case 6 -> {
        if (step >= 0x40) {
          pair(literals, repeated, distance);
        } else if (step != 0x0e && step != 0x16) {
          throw new DataFormatException("no step");
        }
      }
      default -> pair(literals, repeated, (step & 7) << 8 | in.u8());
    }
  }

  private void pair(int literals, int repeated, int newDistance) throws DataFormatException {
    out.literals(in, literals);
    distance = newDistance;
    out.repeat(distance, repeated + LEAST);
  }

  private int length(int step) throws DataFormatException {
    int length = step & 0xf;
    return length == 0 ? in.u8() + 16 : length;
  }
}
