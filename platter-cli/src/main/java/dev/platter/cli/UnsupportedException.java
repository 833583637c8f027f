package dev.platter.cli;

import java.io.IOException;

/// Something was asked for that this version cannot do; the message says what in one sentence.
final class UnsupportedException extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedException(String message) {
    super(message);
  }
}
