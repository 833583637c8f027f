package dev.platter;

import dev.platter.io.Storage;
import java.util.Optional;

/// A run of a disk that is of one kind and, where it is stored, in one piece.
///
/// @param offset where it starts on the disk
/// @param length bytes, at least 1
/// @param kind whether there are bytes to read
/// @param depth how many images down the chain the answer was found: 0 for the top
/// @param encoded stored compressed
/// @param storage what it is stored in, or has room in
/// @param position where it starts there, -1 if nowhere or encoded
public record Extent(
    long offset,
    long length,
    Kind kind,
    int depth,
    boolean encoded,
    Optional<Storage> storage,
    long position) {

  /// What a run is.
  public enum Kind {
    /// Stored bytes; they may be zeros too.
    DATA,
    /// Known to read as zeros, and said so by an image.
    ZERO,
    /// No image says anything: reads as zeros.
    HOLE;

    /// Whether the run reads as zeros for certain.
    public boolean isZero() {
      return this != DATA;
    }
  }

  /// The position behind it on the disk.
  public long end() {
    return offset + length;
  }
}
