package dev.platter.cli;

import dev.platter.image.ImageException;
import dev.platter.io.LockedException;
import dev.platter.operation.CancelledException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// What a failed run tells: one sentence and a code.
record Failure(ExitCode code, String sentence) {

  /// Finds the sentence for whatever was thrown.
  static Failure of(Throwable thrown) {
    return switch (thrown) {
      case UsageException e -> new Failure(ExitCode.USAGE, e.getMessage());
      case UnsupportedException e -> new Failure(ExitCode.UNSUPPORTED, e.getMessage());
      case CancelledException _ -> new Failure(ExitCode.INTERRUPTED, "interrupted");
      case ImageException e -> new Failure(code(e), e.getMessage());
      case LockedException e -> new Failure(ExitCode.LOCKED, e.getMessage());
      case EOFException e -> new Failure(ExitCode.MALFORMED, message(e));
      case FileSystemException e -> new Failure(ExitCode.FAILED, sentence(e));
      case IOException e -> new Failure(ExitCode.FAILED, message(e));
      case OutOfMemoryError _ ->
          new Failure(
              ExitCode.INTERNAL,
              "internal error: out of memory; please report it with the command that led to it");
      default ->
          new Failure(
              ExitCode.INTERNAL,
              "internal error: "
                  + thrown
                  + "; please report it with what PLATTER_DEBUG=1 prints in addition");
    };
  }

  private static ExitCode code(ImageException e) {
    return switch (e) {
      case ImageException.Corrupt _ -> ExitCode.MALFORMED;
      case ImageException.Unsupported _ -> ExitCode.UNSUPPORTED;
      case ImageException.Locked _ -> ExitCode.WRONG_KEY;
      case ImageException.WrongParent _ -> ExitCode.WRONG_PARENT;
      case ImageException.LimitExceeded _ -> ExitCode.OVER_LIMIT;
      case ImageException.OutOfReach _ -> ExitCode.OUT_OF_REACH;
      case ImageException.Unrecognized _ -> ExitCode.AMBIGUOUS;
    };
  }

  private static String message(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /// The JDK's messages of these are file names only.
  private static String sentence(FileSystemException e) {
    String reason =
        switch (e) {
          case NoSuchFileException _ ->
              e.getReason() == null ? "no such file or folder" : e.getReason();
          case AccessDeniedException _ -> "permission denied";
          case FileAlreadyExistsException _ -> "exists already";
          case NotDirectoryException _ -> "is not a folder";
          case DirectoryNotEmptyException _ -> "is a folder that is not empty";
          default -> e.getReason() == null ? "cannot be used" : e.getReason();
        };
    return e.getFile() == null ? reason : e.getFile() + ": " + reason;
  }

  /// This failure as `compare` reports it, where 1 means that the content differs.
  Failure ofCompare() {
    return code == ExitCode.FAILED ? new Failure(ExitCode.ERROR, sentence) : this;
  }

  /// This failure as `check` reports it, where every number says something about the image.
  Failure ofCheck() {
    return switch (code) {
      case USAGE, INTERNAL, INTERRUPTED -> this;
      default -> new Failure(ExitCode.FAILED, sentence);
    };
  }
}
