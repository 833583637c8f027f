package dev.platter.operation;

import java.io.IOException;

/// An operation was stopped by its [Progress]. A new file is gone; what was changed in place stays
/// changed as far as the operation had come.
public final class CancelledException extends IOException {
  private static final long serialVersionUID = 1;

  /// The operation was stopped.
  public CancelledException() {
    super("cancelled");
  }
}
