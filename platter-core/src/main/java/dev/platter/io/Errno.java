package dev.platter.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/// The error numbers of Linux that matter here, and the words for them, which are the C library's
/// in English whatever the user's language.
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENODEV = 19;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int ENOSPC = 28;
  static final int ENOSYS = 38;
  static final int ELOOP = 40;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  private Errno() {}

  /// What the error is called.
  static String words(int error) {
    return switch (error) {
      case EPERM -> "Operation not permitted";
      case ENOENT -> "No such file or directory";
      case EIO -> "Input/output error";
      case ENXIO -> "No such device or address";
      case 9 -> "Bad file descriptor";
      case EAGAIN -> "Resource temporarily unavailable";
      case 12 -> "Cannot allocate memory";
      case EACCES -> "Permission denied";
      case 16 -> "Device or resource busy";
      case EEXIST -> "File exists";
      case EXDEV -> "Invalid cross-device link";
      case ENODEV -> "No such device";
      case ENOTDIR -> "Not a directory";
      case EISDIR -> "Is a directory";
      case EINVAL -> "Invalid argument";
      case 23 -> "Too many open files in system";
      case 24 -> "Too many open files";
      case 26 -> "Text file busy";
      case 27 -> "File too large";
      case ENOSPC -> "No space left on device";
      case 30 -> "Read-only file system";
      case 36 -> "File name too long";
      case 37 -> "No locks available";
      case ENOSYS -> "Function not implemented";
      case ELOOP -> "Too many levels of symbolic links";
      case EOPNOTSUPP -> "Operation not supported";
      case 110 -> "Connection timed out";
      case 116 -> "Stale file handle";
      case 121 -> "Remote I/O error";
      case EDQUOT -> "Disk quota exceeded";
      case 123 -> "No medium found";
      default -> "error " + error + " of the system";
    };
  }

  /// Whether there is no room left, as opposed to something being wrong.
  static boolean full(int error) {
    return error == ENOSPC || error == EDQUOT;
  }

  /// Whether the file system or device cannot do what was asked, and would never.
  static boolean unable(int error) {
    return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL || error == ENODEV;
  }

  /// The exception for a failed call.
  ///
  /// @param name what a message calls the file
  /// @param what what could not be done
  /// @param result what the call returned, a negative error number
  static IOException failure(String name, String what, long result) {
    int error = (int) -result;
    if (full(error)) {
      return new NoSpaceException(name, what + ": " + words(error));
    }
    return new IOException(name + ": " + what + ": " + words(error));
  }

  /// The exception for a file that could not be opened.
  static IOException opening(String name, long result) {
    int error = (int) -result;
    return switch (error) {
      case ENOENT -> new NoSuchFileException(name, null, words(error));
      case EACCES, EPERM -> new AccessDeniedException(name, null, words(error));
      case ENXIO -> new RefusedException(name, "is a socket, or a device that is not there");
      case EISDIR -> new RefusedException(name, "is a folder");
      default -> failure(name, "cannot be opened", result);
    };
  }
}
