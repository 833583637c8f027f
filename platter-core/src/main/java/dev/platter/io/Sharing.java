package dev.platter.io;

/// Whether a file is locked against other programs while it is open.
public enum Sharing {
  /// Locked as QEMU does it: many readers or one writer.
  LOCKED,
  /// Not locked: for looking at an image that is in use.
  UNLOCKED
}
