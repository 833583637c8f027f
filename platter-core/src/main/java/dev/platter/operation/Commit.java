package dev.platter.operation;

import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.image.ImageException;
import dev.platter.image.Resizable;
import dev.platter.operation.Conversion.Existing;
import java.io.IOException;
import java.util.List;

/// Merges images of a chain down: what they have is written into an image below them, whatever
/// their formats.
///
/// The data is durable in the lower image before anything else happens. Until then, and if this is
/// cut short at any moment, the upper images hide all that changes: they read as before. The lower
/// image read alone has some of the changes then; running the same again completes it. Images
/// between the two are for a parent that is no more, and may read anything.
///
/// @param chain the lower image, and the upper one if it shall be emptied, were opened for writing
/// @param from the upper image, the top being 0
/// @param into the lower image
/// @param threads how many threads copy
/// @param progress who hears how far it is
public record Commit(Chain chain, int from, int into, int threads, Progress progress) {
  private static final long SPARSE = 64 << 10;

  /// Makes a commit.
  ///
  /// @throws IllegalArgumentException if the lower image is not below the upper one
  public Commit {
    if (from < 0 || into <= from || into >= chain.size()) {
      throw new IllegalArgumentException(
          "image " + into + " of " + chain.size() + " is not below image " + from);
    }
  }

  /// Merges. A lower image that is smaller becomes larger; one that is larger keeps its size, and
  /// what it has behind the end of the upper one.
  ///
  /// @throws ImageException.Unsupported if the lower image is too small and cannot become larger
  public void run() throws IOException {
    var source = new Overlays(chain.between(from, into));
    if (chain.image(into).size() < source.size()) {
      grow(source.size());
    }
    Disk target = chain.from(into);
    Conversion.of(List.of(source))
        .above(target.size(), into - from)
        .sparse(SPARSE)
        .threads(threads)
        .progress(progress)
        .into(target, Existing.UNKNOWN);
  }

  /// Empties the upper image, which then shows what has been merged.
  ///
  /// @return whether images of its format can be emptied
  public boolean empty() throws IOException {
    Disk upper = chain.from(from);
    boolean emptied = upper.empty();
    upper.flush();
    return emptied;
  }

  private void grow(long size) throws IOException {
    String why =
        "a "
            + chain.layers().get(into).formatName()
            + " image of its kind cannot be made larger in place";
    if (chain.image(into) instanceof Resizable) {
      try {
        chain.from(into).resize(size);
        return;
      } catch (IllegalArgumentException e) {
        why = e.getMessage();
      }
    }
    throw new ImageException.Unsupported(
        chain.name(into),
        "has a disk of "
            + chain.image(into).size()
            + " bytes, "
            + chain.name(from)
            + " one of "
            + size
            + ", and "
            + why);
  }
}
