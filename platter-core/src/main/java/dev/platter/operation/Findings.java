package dev.platter.operation;

import java.util.Arrays;

/// Runs of a disk as its map tells them, in ascending order: 17 bytes a run.
final class Findings {
  /// Stored, and may be zeros.
  static final byte UNSURE = 0;

  /// Stored, and taken for data without looking.
  static final byte SURE = 1;

  /// Zeros that the new image has to tell.
  static final byte ZERO = 2;

  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private byte[] kinds = new byte[64];
  private int count;

  void add(long start, long end, byte kind) {
    if (count > 0 && ends[count - 1] == start && kinds[count - 1] == kind) {
      ends[count - 1] = end;
      return;
    }
    if (count == starts.length) {
      int larger = count + (count >> 1);
      starts = Arrays.copyOf(starts, larger);
      ends = Arrays.copyOf(ends, larger);
      kinds = Arrays.copyOf(kinds, larger);
    }
    starts[count] = start;
    ends[count] = end;
    kinds[count++] = kind;
  }

  int count() {
    return count;
  }

  long start(int run) {
    return starts[run];
  }

  long end(int run) {
    return ends[run];
  }

  byte kind(int run) {
    return kinds[run];
  }
}
