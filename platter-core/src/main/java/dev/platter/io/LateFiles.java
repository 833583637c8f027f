package dev.platter.io;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/// Very many files, such as the extents of a split image, of which a few are open (and locked) at a
/// time: those that were used last.
public final class LateFiles {
  private static final int OPEN = 128;

  private final Opener opener;
  private final SequencedSet<LateFile> open = new LinkedHashSet<>();

  /// Opens a file by its name.
  @FunctionalInterface
  public interface Opener {
    /// Opens it.
    ///
    /// @param location what it is called; not always a path
    Storage open(String location, Access access) throws IOException;
  }

  /// No files yet.
  public LateFiles(Opener opener) {
    this.opener = opener;
  }

  /// A file that is opened when it is used first.
  public LateFile late(String location, Access access) {
    return new LateFile(this, location, access);
  }

  /// Opens a file, and closes one that nobody uses if there are too many.
  synchronized Storage open(LateFile file, String location, Access access) throws IOException {
    if (open.size() >= OPEN) {
      for (LateFile oldest : List.copyOf(open)) {
        if (oldest.rest()) {
          open.remove(oldest);
          break;
        }
      }
    }
    Storage storage = opener.open(location, access);
    open.addLast(file);
    return storage;
  }

  /// Says that a file was used just now.
  synchronized void used(LateFile file) {
    if (open.size() >= OPEN / 2 && open.contains(file)) {
      open.addLast(file);
    }
  }

  synchronized void closed(LateFile file) {
    open.remove(file);
  }
}
