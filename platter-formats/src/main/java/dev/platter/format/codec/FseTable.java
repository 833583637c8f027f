package dev.platter.format.codec;

import java.util.zip.DataFormatException;

/// A table of finite-state entropy coding: for each state the symbol, and how the next state
/// follows.
///
/// States are given out to symbols in ascending order, as many as a symbol's frequency says. With
/// `n` states and a symbol of frequency `f`, let `k` be the number for which `f * 2^k` is at least
/// `n` and less than `2n`; then the first `(2n >> k) - f` states of the symbol take `k` bits for
/// the next state, and the others `k - 1`.
final class FseTable {
  private final int[] symbols;
  private final int[] bits;
  private final int[] bases;

  /// @param frequencies of all tables
  /// @param first where this table's start
  /// @param count how many symbols it has
  /// @param states how many states, a power of two
  FseTable(int[] frequencies, int first, int count, int states) throws DataFormatException {
    symbols = new int[states];
    bits = new int[states];
    bases = new int[states];
    int state = 0;
    for (int symbol = 0; symbol < count; symbol++) {
      int frequency = frequencies[first + symbol];
      if (frequency > states - state) {
        throw new DataFormatException("frequencies of more than all states");
      }
      if (frequency > 0) {
        fill(symbol, frequency, state);
        state += frequency;
      }
    }
    if (state != states) {
      throw new DataFormatException("frequencies of less than all states");
    }
  }

  private void fill(int symbol, int frequency, int from) {
    int states = symbols.length;
    int k = Integer.numberOfLeadingZeros(frequency) - Integer.numberOfLeadingZeros(states);
    int longer = ((2 * states) >> k) - frequency;
    for (int index = 0; index < frequency; index++) {
      int state = from + index;
      symbols[state] = symbol;
      if (index < longer) {
        bits[state] = k;
        bases[state] = ((frequency + index) << k) - states;
      } else {
        bits[state] = k - 1;
        bases[state] = (index - longer) << (k - 1);
      }
    }
  }

  int symbol(int state) {
    return symbols[state];
  }

  /// The state that follows, which takes bits from the stream.
  int next(int state, BackwardBits in) throws DataFormatException {
    return bases[state] + in.take(bits[state]);
  }
}
