package dev.platter.image;

import java.util.Arrays;

/// Which runs of a disk are stored, in ascending order. Runs do not touch runs of the same kind. It
/// takes about 16 bytes of memory a run, whatever the disk's size.
public final class Allocation {
  private final long size;
  private final int count;
  private final long[] starts;
  private final long[] ends;
  private final long[] before;

  private Allocation(Builder builder, long size) {
    this.size = size;
    this.count = builder.count;
    this.starts = Arrays.copyOf(builder.starts, count);
    this.ends = Arrays.copyOf(builder.ends, count);
    this.before = new long[count + 1];
    for (int run = 0; run < count; run++) {
      before[run + 1] = before[run] + (isZero(run) ? 0 : end(run) - start(run));
    }
  }

  /// Nothing is stored.
  public static Allocation empty(long size) {
    return new Builder().build(size);
  }

  /// All of the disk is stored.
  public static Allocation full(long size) {
    Builder builder = new Builder();
    if (size > 0) {
      builder.data(0, size);
    }
    return builder.build(size);
  }

  /// Bytes of the disk.
  public long size() {
    return size;
  }

  /// How many runs there are.
  public int count() {
    return count;
  }

  /// Where a run starts on the disk.
  public long start(int run) {
    return starts[run] & Long.MAX_VALUE;
  }

  /// Where a run ends.
  public long end(int run) {
    return ends[run];
  }

  /// Whether a run is of zeros that must be said (they hide the parent's bytes) and not of data.
  public boolean isZero(int run) {
    return starts[run] < 0;
  }

  /// Bytes of data.
  public long dataBytes() {
    return before[count];
  }

  /// Bytes of data in the runs before this one.
  public long dataBefore(int run) {
    return before[run];
  }

  /// The first run that ends behind `offset`, [#count] if none does.
  public int runAfter(long offset) {
    int found = Arrays.binarySearch(ends, 0, count, offset);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /// The same with data runs made larger to whole units and runs of zeros smaller: a unit that has
  /// a byte of data is data, and one that is only partly known to be zero is not said. Data runs
  /// may end behind the disk's end.
  ///
  /// @param unit bytes, a power of two
  public Allocation align(long unit) {
    Builder builder = new Builder();
    long covered = 0;
    for (int run = 0; run < count; run++) {
      if (isZero(run)) {
        long end = end(run) == size ? up(size, unit) : end(run) & -unit;
        long dataFrom = run + 1 < count && !isZero(run + 1) ? start(run + 1) & -unit : end;
        long start = Math.max(up(start(run), unit), covered);
        end = Math.min(end, dataFrom);
        if (start < end) {
          builder.zero(start, end - start);
        }
      } else {
        long start = Math.max(start(run) & -unit, covered);
        covered = up(end(run), unit);
        if (start < covered) {
          builder.data(start, covered - start);
        }
      }
    }
    return builder.build(size);
  }

  private static long up(long offset, long unit) {
    return (offset + unit - 1) & -unit;
  }

  /// Collects runs in ascending order.
  public static final class Builder {
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private int count;

    /// No runs yet.
    public Builder() {}

    /// Adds a run of data behind all others.
    public Builder data(long offset, long length) {
      return add(offset, length, 0);
    }

    /// Adds a run of zeros behind all others.
    public Builder zero(long offset, long length) {
      return add(offset, length, Long.MIN_VALUE);
    }

    private Builder add(long offset, long length, long mark) {
      if (length <= 0 || offset < 0 || (count > 0 && offset < ends[count - 1])) {
        throw new IllegalArgumentException("run " + offset + "+" + length + " is out of order");
      }
      if (count > 0 && ends[count - 1] == offset && (starts[count - 1] & Long.MIN_VALUE) == mark) {
        ends[count - 1] = offset + length;
        return this;
      }
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      starts[count] = offset | mark;
      ends[count++] = offset + length;
      return this;
    }

    /// The runs so far.
    public Allocation build(long size) {
      return new Allocation(this, size);
    }
  }
}
