package dev.platter.io;

import java.io.IOException;

/// A storage is in use, by this program or another, in a way that excludes the use asked for.
public final class LockedException extends IOException {
  private static final long serialVersionUID = 1;

  /// Says what it is in use for.
  ///
  /// @param storage the storage's name
  /// @param what what it is in use for
  public LockedException(String storage, String what) {
    super(storage + ": " + what);
  }
}
