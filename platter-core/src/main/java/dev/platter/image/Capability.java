package dev.platter.image;

/// What images of a format can do, for lists and for choosing. What one open image can do shows in
/// the interfaces that it implements.
public enum Capability {
  /// New images can be laid out.
  CREATE,
  /// Images can be changed in place.
  WRITE,
  /// An image can be the child of another.
  BACKING,
  /// Guest data can be stored compressed when an image is written.
  COMPRESS,
  /// Compressed guest data can be read.
  DECOMPRESS,
  /// Runs can be marked as zeros without storing them.
  ZERO,
  /// Runs can be given back.
  DISCARD,
  /// Internal snapshots are listed and kept intact; [Snapshots] changes them.
  SNAPSHOTS,
  /// Claims are checked.
  CHECK,
  /// Damage can be repaired.
  REPAIR,
  /// UUIDs are stored.
  IDENTITY,
  /// A comment is stored.
  COMMENT,
  /// Disk geometry is stored.
  GEOMETRY,
  /// What an image says about itself can be changed, see [Describable].
  DESCRIBE,
  /// The disk can become larger or smaller in place, see [Resizable].
  RESIZE,
  /// Every byte is at its place of the disk: an image can be read from a pipe.
  STREAM_READ,
  /// Can be written to a pipe in one pass.
  STREAM_WRITE
}
