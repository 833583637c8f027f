package dev.platter.map;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room behind everything that an image's tables name, for formats that keep no account of what is
/// free. What a crash left there is used again.
public final class TailRoom {
  /// More than any file has, and far from where sums overflow.
  public static final long LARGEST_FILE = 1L << 62;

  private static final long UNKNOWN = -1;

  private final Storage storage;
  private long next = UNKNOWN;
  private long fresh;

  /// Nothing is known yet of what is free.
  public TailRoom(Storage storage) {
    this.storage = storage;
  }

  /// Whether it is known what is free.
  public boolean known() {
    return next != UNKNOWN;
  }

  /// Finds out what is free, and makes a file longer that ends before.
  ///
  /// @param end where everything ends that is named
  /// @param untouched the file's end, rounded up to whole units: nothing was ever written behind it
  public void begin(long end, long untouched) throws IOException {
    next = end;
    fresh = Math.max(untouched, end);
    grow();
  }

  /// Forgets what is free: tables were repaired.
  public void restart() {
    next = UNKNOWN;
  }

  private void grow() throws IOException {
    if (storage.size() < next) {
      storage.resize(next);
    }
  }

  /// Room behind everything that is taken.
  public long take(long bytes) throws IOException {
    long position = next;
    if (bytes > LARGEST_FILE - next) {
      throw new ImageException.Unsupported(storage.name(), "has no room left behind " + next);
    }
    next += bytes;
    grow();
    return position;
  }

  /// Whether nothing was ever written behind a position.
  public boolean untouched(long position) {
    return position >= fresh;
  }

  /// Takes back room, if it is the last.
  public void giveBack(long position, long bytes) {
    fresh = Math.max(fresh, next);
    if (position + bytes == next) {
      next = position;
    }
  }

  /// Cuts the file behind everything that is taken.
  public void trim() throws IOException {
    if (storage.size() > next) {
      storage.resize(next);
    }
  }
}
