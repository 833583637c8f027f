package dev.platter.format.qcow2;

import java.util.Optional;

/// Judges entries of L1 and L2 tables.
///
/// @param clusterBits log2 of the cluster size
/// @param extended entries have subclusters
/// @param dataFile guest clusters are in a file of their own
record QcowCheckEntry(int clusterBits, boolean extended, boolean dataFile) {
  private static final long L1_RESERVED = 0x7f00_0000_0000_01ffL;
  private static final long L2_RESERVED = 0x3f00_0000_0000_01feL;
  private static final long REFCOUNT_RESERVED = 0x1ff;

  /// What is wrong with an entry, and what would mend it.
  ///
  /// @param what a clause
  /// @param entry the mended entry
  /// @param bitmap the mended bitmap of its subclusters
  record Verdict(String what, long entry, long bitmap) {}

  boolean aligned(long place) {
    return (place & (1L << clusterBits) - 1) == 0;
  }

  /// Judges an entry of an L1 table.
  Optional<Verdict> l1(long entry) {
    if (!aligned(L2Entry.place(entry))) {
      return wrong("is not aligned to a cluster", 0, 0);
    }
    return (entry & L1_RESERVED) == 0
        ? Optional.empty()
        : wrong("has reserved bits set", entry & ~L1_RESERVED, 0);
  }

  /// Judges an entry of a refcount table.
  Optional<Verdict> refcountBlock(long entry) {
    long place = block(entry);
    if ((entry & REFCOUNT_RESERVED) != 0) {
      return wrong("has reserved bits set", aligned(place) && place >= 0 ? place : 0, 0);
    }
    return aligned(place) ? Optional.empty() : wrong("is not aligned to a cluster", 0, 0);
  }

  /// The position in an entry of a refcount table.
  static long block(long entry) {
    return entry & ~REFCOUNT_RESERVED;
  }

  /// Judges an entry of an L2 table.
  Optional<Verdict> l2(long entry, long bitmap) {
    return L2Entry.compressed(entry) ? encoded(entry, bitmap) : standard(entry, bitmap);
  }

  private Optional<Verdict> encoded(long entry, long bitmap) {
    if (dataFile) {
      return wrong("is compressed although there is a data file", 0, 0);
    }
    if (bitmap != 0) {
      return wrong("is compressed and has subclusters", entry & ~L2Entry.COPIED, 0);
    }
    return L2Entry.copied(entry)
        ? wrong("is compressed and has the copied flag", entry & ~L2Entry.COPIED, 0)
        : Optional.empty();
  }

  private Optional<Verdict> standard(long entry, long bitmap) {
    long reserved = extended ? L2_RESERVED | L2Entry.ZERO : L2_RESERVED;
    boolean allocated = allocated(entry);
    if (allocated && (Subclusters.allocated(bitmap) & Subclusters.zeros(bitmap)) != 0) {
      // data rather than zeros: it is what may be worth something
      return wrong(
          "has subclusters that are both allocated and zero",
          entry,
          bitmap & ~((long) Subclusters.allocated(bitmap) << 32));
    }
    if (!allocated && Subclusters.allocated(bitmap) != 0) {
      return wrong("has allocated subclusters and no place", entry, bitmap & Subclusters.ALL_ZERO);
    }
    if (!aligned(L2Entry.place(entry))) {
      return wrong("is not aligned to a cluster", 0, bitmap & Subclusters.ALL_ZERO);
    }
    return (entry & reserved) == 0
        ? Optional.empty()
        : wrong("has reserved bits set", entry & ~reserved, bitmap);
  }

  /// Whether an entry that is not compressed has a place.
  boolean allocated(long entry) {
    return L2Entry.place(entry) != 0 || (dataFile && L2Entry.copied(entry));
  }

  private static Optional<Verdict> wrong(String what, long entry, long bitmap) {
    return Optional.of(new Verdict(what, entry, bitmap));
  }
}
