package dev.platter.io;

import java.io.IOException;

/// There is no room left on the medium, or in the user's quota of it.
public final class NoSpaceException extends IOException {
  private static final long serialVersionUID = 1;

  /// Says what there was no room for.
  ///
  /// @param storage the storage's name
  /// @param what what could not be done, and why
  public NoSpaceException(String storage, String what) {
    super(storage + ": " + what);
  }
}
