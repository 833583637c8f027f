package dev.platter.image;

import java.io.IOException;
import java.util.List;

/// An image whose damage can be mended in place. It must have been opened for writing with
/// [OpenContext.Purpose#CHECK].
public interface Repairable extends Image {

  /// Mends what can be mended without making anything worse, durable when it returns.
  ///
  /// @param scope how far to go
  /// @return what was done, in the order in which it was done
  List<Repair> repair(Scope scope) throws IOException;

  /// How far a repair goes.
  enum Scope {
    /// Only gives back room that nothing refers to.
    LEAKS,
    /// Everything.
    ALL
  }

  /// Something that was mended.
  ///
  /// @param finding what was wrong
  /// @param action what was done, one sentence
  record Repair(Finding finding, String action) {}
}
