package dev.platter.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What each sector of a disk may hold after a crash: what it held at the last completed flush, or
/// anything that was written to it since.
final class Oracle {
  private static final int SECTOR = 512;
  private static final int MOST = 64;
  private final List<List<byte[]>> sectors = new ArrayList<>();
  private final int size;

  Oracle(byte[] content) {
    this.size = content.length;
    for (int at = 0; at < size; at += SECTOR) {
      var values = new ArrayList<byte[]>();
      values.add(Arrays.copyOfRange(content, at, Math.min(at + SECTOR, size)));
      sectors.add(values);
    }
  }

  private Oracle(Oracle other) {
    this.size = other.size;
    other.sectors.forEach(values -> sectors.add(new ArrayList<>(values)));
  }

  Oracle copy() {
    return new Oracle(this);
  }

  /// A write has begun: with other writes to the same sector it may arrive or not.
  void begun(long offset, byte[] bytes) {
    for (int done = 0; done < bytes.length; ) {
      int at = (int) offset + done;
      int from = at % SECTOR;
      List<byte[]> values = sectors.get(at / SECTOR);
      int step = Math.min(values.getFirst().length - from, bytes.length - done);
      for (byte[] value : List.copyOf(values)) {
        byte[] changed = value.clone();
        System.arraycopy(bytes, done, changed, from, step);
        add(values, changed);
      }
      done += step;
    }
  }

  private static void add(List<byte[]> values, byte[] value) {
    if (values.stream().noneMatch(v -> Arrays.equals(v, value))) {
      values.add(value);
    }
    if (values.size() > MOST) {
      throw new IllegalStateException("too many writes to one sector without a flush");
    }
  }

  /// A flush has completed while the disk had this content.
  void flushed(byte[] content) {
    for (int at = 0; at < size; at += SECTOR) {
      List<byte[]> values = sectors.get(at / SECTOR);
      values.clear();
      values.add(Arrays.copyOfRange(content, at, Math.min(at + SECTOR, size)));
    }
  }

  /// What is wrong with a disk, empty if nothing is.
  String judge(byte[] content) {
    if (content.length != size) {
      return "the disk has " + content.length + " bytes instead of " + size;
    }
    for (int at = 0; at < size; at += SECTOR) {
      byte[] found = Arrays.copyOfRange(content, at, Math.min(at + SECTOR, size));
      List<byte[]> values = sectors.get(at / SECTOR);
      if (values.stream().noneMatch(v -> Arrays.equals(v, found))) {
        return "the sector at "
            + at
            + " has "
            + Stamp.describe(found, 0)
            + "; allowed: "
            + values.stream().map(v -> Stamp.describe(v, 0)).toList()
            + (values.size() == 1 ? " (flushed)" : "");
      }
    }
    return "";
  }
}
