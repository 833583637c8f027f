package dev.platter.testkit;

import java.util.Arrays;
import java.util.function.LongPredicate;

/// A change of a storage that may or may not have reached its medium.
sealed interface Change {
  /// Bytes that a medium writes whole or not at all.
  int SECTOR = 512;

  /// Makes the change; bytes between the old end and what is written are `gap`.
  void apply(SparseBytes bytes, Gap gap);

  /// What lies between a file's old end and its new one after a crash.
  enum Gap {
    ZEROS,
    GARBAGE;

    private static final byte JUNK = (byte) 0xe7;

    void grow(SparseBytes bytes, long size) {
      long old = bytes.size();
      if (size <= old) {
        return;
      }
      bytes.resize(size);
      if (this == GARBAGE) {
        // a file of terabytes is not filled, only what a reader is likely to look at
        byte[] junk = new byte[(int) Math.min(size - old, 1 << 20)];
        Arrays.fill(junk, JUNK);
        bytes.write(old, junk);
      }
    }
  }

  /// Bytes at a position.
  final class Write implements Change {
    private final long position;
    private final byte[] bytes;

    Write(long position, byte[] bytes) {
      this.position = position;
      this.bytes = bytes;
    }

    @Override
    public void apply(SparseBytes target, Gap gap) {
      gap.grow(target, position);
      target.write(position, bytes);
    }

    /// Only the sectors that `keep` says, counted from the first that the write touches.
    void tear(SparseBytes target, Gap gap, LongPredicate keep) {
      long first = position / SECTOR;
      for (int done = 0; done < bytes.length; ) {
        long at = position + done;
        int step = (int) Math.min(SECTOR - at % SECTOR, bytes.length - done);
        if (keep.test(at / SECTOR - first)) {
          gap.grow(target, at);
          target.write(at, bytes, done, step);
        }
        done += step;
      }
    }

    long sectors() {
      return (position + bytes.length - 1) / SECTOR - position / SECTOR + 1;
    }

    @Override
    public String toString() {
      return "write " + bytes.length + " bytes at " + position;
    }
  }

  record Clear(long position, long length) implements Change {
    @Override
    public void apply(SparseBytes target, Gap gap) {
      target.clear(position, length);
    }

    @Override
    public String toString() {
      return "zero " + length + " bytes at " + position;
    }
  }

  /// A file made larger; never smaller.
  record Grow(long size) implements Change {
    @Override
    public void apply(SparseBytes target, Gap gap) {
      gap.grow(target, size);
    }

    @Override
    public String toString() {
      return "grow to " + size;
    }
  }

  record Cut(long size) implements Change {
    @Override
    public void apply(SparseBytes target, Gap gap) {
      if (size < target.size()) {
        target.resize(size);
      }
    }

    @Override
    public String toString() {
      return "cut to " + size;
    }
  }
}
