package dev.platter.operation;

/// Hears how far a long operation is, and may stop it. Called by one thread at a time, which is not
/// always the same one.
public interface Progress {

  /// So much is done. Called often: an implementation that shows something decides how often it
  /// does.
  ///
  /// @param done bytes of work done so far, never fewer than in an earlier call
  /// @param total bytes of work in all; may be corrected on the way
  void report(long done, long total);

  /// Whether the operation shall stop at the next occasion, which is a [CancelledException].
  default boolean cancelled() {
    return false;
  }

  /// Hears nothing and never stops.
  static Progress none() {
    return (_, _) -> {};
  }

  /// Stops the operation if that was asked for.
  ///
  /// @throws CancelledException if [#cancelled]
  default void checkpoint() throws CancelledException {
    if (cancelled()) {
      throw new CancelledException();
    }
  }
}
