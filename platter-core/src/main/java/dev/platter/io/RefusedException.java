package dev.platter.io;

import java.io.IOException;

/// There is something under the name, but nothing that is opened: a folder, a pipe, a socket, a
/// device that is not a disk, or a link where none is followed.
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1;
  private final String what;

  /// Says what is refused.
  ///
  /// @param storage the name
  /// @param what what it is
  public RefusedException(String storage, String what) {
    super(storage + ": " + what);
    this.what = what;
  }

  /// What it is, without its name.
  public String what() {
    return what;
  }
}
