package dev.platter.format.codec;

import java.util.zip.DataFormatException;

/// An entropy-coded block of LZFSE (`bvx2`): packed numbers, packed frequencies of four tables, the
/// literal bytes, and triplets of literal count, repeated count and distance.
///
/// Counts and distances are a symbol, which stands for a base value, and more bits to add to it.
final class LzfseBlock {
  private static final int[] MORE_LITERALS = {2, 3, 5, 8};
  private static final int[] MORE_REPEATED = {3, 5, 8, 11};

  /// Symbols of counts below this one are the count itself.
  private static final int DIRECT = 16;

  private static final int COUNTS = 20;
  private static final int DISTANCES = 64;
  private static final int BYTES = 256;
  private static final int SYMBOLS = 2 * COUNTS + DISTANCES + BYTES;
  private static final int COUNT_STATES = 64;
  private static final int DISTANCE_STATES = 256;
  private static final int BYTE_STATES = 1024;
  private static final int STREAMS = 4;
  private static final int MOST_TRIPLETS = 10_000;
  private static final int MOST_LITERALS = 4 * MOST_TRIPLETS;

  /// Bytes of the packed numbers, the magic number and the decoded size.
  private static final int FIXED = 32;

  private final byte[] literals;
  private final LzInput triplets;
  private final int tripletCount;
  private final int unusedBits;
  private final long states;
  private final int[] frequencies;

  /// Reads a block up to its end.
  ///
  /// @param in behind the decoded size
  LzfseBlock(LzInput in) throws DataFormatException {
    long first = in.u64();
    long second = in.u64();
    states = in.u64();
    int literalCount = field(first, 0, 20);
    tripletCount = field(first, 40, 20);
    if (literalCount > MOST_LITERALS || literalCount % STREAMS != 0) {
      throw new DataFormatException("too many literals");
    }
    if (tripletCount > MOST_TRIPLETS) {
      throw new DataFormatException("too many triplets");
    }
    frequencies = frequencies(in.part((states & 0xffff_ffffL) - FIXED));
    LzInput literalPart = in.part(field(first, 20, 20));
    literals = literals(literalPart, literalCount, 7 - field(first, 60, 3), second);
    triplets = in.part(field(second, 40, 20));
    unusedBits = 7 - field(second, 60, 3);
  }

  private static int field(long word, int shift, int bits) {
    return (int) ((word >>> shift) & ((1L << bits) - 1));
  }

  /// Frequencies have a prefix code, lowest bits first: `00` is 0, `10` is 1, `001` and `101` are 2
  /// and 3, `nn011` is 4 + n, `nnnn0111` is 8 + n, and `1111` with ten bits in front is 24 + n.
  private static int[] frequencies(LzInput in) throws DataFormatException {
    int[] found = new int[SYMBOLS];
    if (in.left() == 0) {
      return found;
    }
    long start = 8L * in.position();
    long end = start + 8L * in.left();
    long at = start;
    for (int symbol = 0; symbol < SYMBOLS; symbol++) {
      int code = (int) (LzInput.load(in.bytes(), (int) (at >>> 3)) >>> (at & 7));
      if ((code & 1) == 0) {
        found[symbol] = (code >> 1) & 1;
        at += 2;
      } else if ((code & 2) == 0) {
        found[symbol] = 2 + ((code >> 2) & 1);
        at += 3;
      } else if ((code & 4) == 0) {
        found[symbol] = 4 + ((code >> 3) & 3);
        at += 5;
      } else if ((code & 8) == 0) {
        found[symbol] = 8 + ((code >> 4) & 0xf);
        at += 8;
      } else {
        found[symbol] = 24 + ((code >> 4) & 0x3ff);
        at += 14;
      }
      if (at > end) {
        throw new DataFormatException("frequencies are cut off");
      }
    }
    if (end - at >= 8) {
      throw new DataFormatException("more than the frequencies");
    }
    return found;
  }

  private byte[] literals(LzInput in, int count, int unused, long packedStates)
      throws DataFormatException {
    byte[] found = new byte[count];
    if (count == 0) {
      return found;
    }
    var table = new FseTable(frequencies, SYMBOLS - BYTES, BYTES, BYTE_STATES);
    var bits = new BackwardBits(in, unused);
    int[] state = new int[STREAMS];
    for (int stream = 0; stream < STREAMS; stream++) {
      state[stream] = field(packedStates, 10 * stream, 10);
    }
    for (int at = 0; at < count; at++) {
      int stream = at % STREAMS;
      found[at] = (byte) table.symbol(state[stream]);
      state[stream] = table.next(state[stream], bits);
    }
    return found;
  }

  /// Adds what the block says.
  void decode(LzOutput out) throws DataFormatException {
    if (tripletCount == 0) {
      return;
    }
    var literalCounts = new FseTable(frequencies, 0, COUNTS, COUNT_STATES);
    var repeatedCounts = new FseTable(frequencies, COUNTS, COUNTS, COUNT_STATES);
    var distances = new FseTable(frequencies, 2 * COUNTS, DISTANCES, DISTANCE_STATES);
    int literalState = state(32, COUNT_STATES);
    int repeatedState = state(42, COUNT_STATES);
    int distanceState = state(52, DISTANCE_STATES);
    var bits = new BackwardBits(triplets, unusedBits);
    int used = 0;
    int distance = 0;
    for (int triplet = 0; triplet < tripletCount; triplet++) {
      // the bits for the next state come in front of those that are added to the base value
      int symbol = literalCounts.symbol(literalState);
      literalState = literalCounts.next(literalState, bits);
      int literal = count(symbol, MORE_LITERALS, bits);
      symbol = repeatedCounts.symbol(repeatedState);
      repeatedState = repeatedCounts.next(repeatedState, bits);
      int repeated = count(symbol, MORE_REPEATED, bits);
      symbol = distances.symbol(distanceState);
      distanceState = distances.next(distanceState, bits);
      int found = distance(symbol, bits);
      distance = found == 0 ? distance : found;
      if (literal > literals.length - used) {
        throw new DataFormatException("out of literals");
      }
      out.literals(literals, used, literal);
      used += literal;
      out.repeat(distance, repeated);
    }
  }

  private int state(int shift, int limit) throws DataFormatException {
    int state = field(states, shift, 10);
    if (state >= limit) {
      throw new DataFormatException("no such state");
    }
    return state;
  }

  /// The last four symbols of a count have more bits; the base of each follows from those before.
  private static int count(int symbol, int[] more, BackwardBits bits) throws DataFormatException {
    if (symbol < DIRECT) {
      return symbol;
    }
    int base = DIRECT;
    for (int before = DIRECT; before < symbol; before++) {
      base += 1 << more[before - DIRECT];
    }
    return base + bits.take(more[symbol - DIRECT]);
  }

  /// Four symbols each have no more bits, one more, two more, up to fifteen.
  private static int distance(int symbol, BackwardBits bits) throws DataFormatException {
    int more = symbol >> 2;
    int base = ((4 << more) - 4) + ((symbol & 3) << more);
    return base + bits.take(more);
  }
}
