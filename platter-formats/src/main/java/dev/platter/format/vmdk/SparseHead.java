package dev.platter.format.vmdk;

/// What stands at the start of an extent with grains, whoever's: what a program that writes the
/// extent must know.
sealed interface SparseHead permits SparseHeader, CowdHeader {
  /// How grains are found.
  GrainLayout layout();

  /// The version of the structure.
  long version();

  /// Whether a program had the extent open for writing and did not close it.
  boolean dirty();

  /// Where the mark of an extent that is open for writing is: a byte.
  int dirtyPosition();

  /// Bytes of the structure itself.
  int headBytes();

  /// The position behind the descriptor, 0 if there is none.
  long descriptorEnd();

  /// Where the sector from which on all is free is kept: four bytes. Less than 0 if it is not.
  default int freePosition() {
    return -1;
  }
}
