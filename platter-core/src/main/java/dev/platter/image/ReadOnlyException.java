package dev.platter.image;

import java.io.IOException;

/// A change was asked of what was opened read-only or can never be changed.
public final class ReadOnlyException extends IOException {
  private static final long serialVersionUID = 1;

  /// Says why it cannot be changed.
  ///
  /// @param storage the storage's name
  /// @param why why it cannot be changed
  public ReadOnlyException(String storage, String why) {
    super(storage + ": " + why);
  }
}
