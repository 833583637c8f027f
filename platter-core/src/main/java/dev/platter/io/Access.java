package dev.platter.io;

/// What the opener of a storage or an image is going to do with it.
public enum Access {
  /// Only read.
  READ,
  /// Read and change.
  WRITE;

  /// Whether changes are allowed.
  public boolean writes() {
    return this == WRITE;
  }
}
