package dev.platter.operation;

import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import dev.platter.io.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Gives out a plan's pieces, in the order of its files and positions, in claims of about equal
/// size. Which claims there are does not depend on who takes them.
final class PlanCursor {
  private static final long CLAIM = 2L << 20;

  private final List<Part> files;
  private int file;
  private int piece;
  private long skip;

  PlanCursor(List<Part> files) {
    this.files = files;
  }

  /// A file and what it is written to.
  ///
  /// @param pieces the file's pieces and, where zeros are to be written, what lies between
  record Part(PlannedFile file, Storage target, List<Piece> pieces) {
    static Part of(PlannedFile file, Storage target) {
      boolean filled = file.preallocation() == Preallocation.FULL;
      return new Part(file, target, filled ? withGaps(file) : file.pieces());
    }

    private static List<Piece> withGaps(PlannedFile file) {
      List<Piece> all = new ArrayList<>();
      long end = 0;
      for (Piece piece : file.pieces()) {
        addGap(all, end, piece.position());
        all.add(piece);
        end = piece.position() + piece.length();
      }
      addGap(all, end, file.size());
      return all;
    }

    private static void addGap(List<Piece> all, long start, long end) {
      if (start < end) {
        all.add(new Piece.Metadata(start, end - start, (_, _) -> {}));
      }
    }

    /// What a piece is cut at: sectors, since metadata is computed from such positions on, and what
    /// is encrypted as a whole.
    int grain() {
      return Math.max(file.encryption().map(e -> e.transform().unit()).orElse(0), 512);
    }

    long bytes() {
      long sum = 0;
      for (Piece piece : pieces) {
        sum += piece.length();
      }
      return sum;
    }
  }

  /// Work for one thread: pieces one behind the other.
  ///
  /// @param first the first piece
  /// @param skip bytes to leave out at its start
  /// @param bytes bytes of pieces in all
  record Claim(Part part, int first, long skip, long bytes) {}

  /// The next claim, none if all are taken.
  synchronized Optional<Claim> next() {
    while (file < files.size() && piece == files.get(file).pieces().size()) {
      file++;
      piece = 0;
    }
    if (file == files.size()) {
      return Optional.empty();
    }
    Part part = files.get(file);
    int first = piece;
    long from = skip;
    long bytes = 0;
    while (bytes < CLAIM && piece < part.pieces().size()) {
      long rest = part.pieces().get(piece).length() - skip;
      long step = Math.min(rest, Math.max((CLAIM - bytes) & -part.grain(), part.grain()));
      bytes += step;
      if (step == rest) {
        piece++;
        skip = 0;
      } else {
        skip += step;
      }
    }
    return Optional.of(new Claim(part, first, from, bytes));
  }
}
