package dev.platter.cli;

/// The command line makes no sense; the message says why in one sentence.
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Something that is run for the user, whose arguments the library may refuse.
  interface Request<T> {
    /// Runs it.
    T run() throws java.io.IOException;
  }

  /// Runs what throws [IllegalArgumentException] with a sentence for the user where it cannot be
  /// done as asked.
  static <T> T check(Request<T> request) throws java.io.IOException {
    try {
      return request.run();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }
}
