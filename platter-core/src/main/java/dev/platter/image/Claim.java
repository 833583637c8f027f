package dev.platter.image;

/// A range of a storage that one structure of an image says is its own.
///
/// @param owner what claims it, such as `L2 table of 0x20000000`
/// @param position where it starts in the image's first storage
/// @param length bytes, at least 1
public record Claim(String owner, long position, long length) {
  /// The position behind it.
  public long end() {
    return position + length;
  }
}
