package dev.platter.image;

/// The kind of drive that a disk belongs into.
public enum DeviceType {
  /// A hard disk.
  HARD_DISK,
  /// An optical disc.
  OPTICAL,
  /// A floppy disk.
  FLOPPY
}
