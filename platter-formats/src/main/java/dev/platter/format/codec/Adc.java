package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;

/// Apple Data Compression: bytes as they are, and repetitions with a distance of one or two bytes.
///
/// The first byte of each step says what it is: `1nnnnnnn` is followed by n + 1 bytes as they are;
/// `01nnnnnn` and two bytes of distance repeat n + 4 bytes; `00nnnndd` and one byte, which is the
/// lower part of the distance, repeat n + 3. A distance is stored less one.
final class Adc implements Decompressor {

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    var out = new LzOutput(unit.byteSize());
    try {
      var in = new LzInput(stored);
      while (!out.full()) {
        step(in, out);
      }
    } catch (DataFormatException _) {
      return false;
    }
    out.deliver(unit);
    return true;
  }

  private static void step(LzInput in, LzOutput out) throws DataFormatException {
    int control = in.u8();
    if ((control & 0x80) != 0) {
      out.literals(in, (control & 0x7f) + 1);
    } else if ((control & 0x40) != 0) {
      int distance = in.u8() << 8 | in.u8();
      out.repeat(distance + 1, (control & 0x3f) + 4);
    } else {
      int distance = (control & 3) << 8 | in.u8();
      out.repeat(distance + 1, (control >> 2) + 3);
    }
  }

  @Override
  public void close() {
    // keeps nothing
  }
}
