package dev.platter.format.qcow2;

import java.io.IOException;

/// Is told what a walk over an image's structures finds.
interface QcowCheckVisitor {

  /// A structure refers to a range of the file, or is it. The range is inside, but for the rest of
  /// the file's last cluster.
  ///
  /// @param guest where on the disk what it maps starts, -1 if it maps nothing
  default void reference(QcowCheckKind kind, long position, long length, long guest)
      throws IOException {}

  /// A structure refers to a range that is not in the file.
  default void outside(QcowCheckKind kind, long position, long length, long guest)
      throws IOException {}

  /// Something breaks the format's rules.
  default void wrong(String what) throws IOException {}

  /// Something could not be read that may refer to clusters: what seems to be free may not be.
  default void incomplete() {}

  /// An entry of the active tables that refers to a cluster that can be changed in place if it is
  /// referred to once.
  ///
  /// @param position where the entry is in the file
  default void counted(QcowCheckKind kind, long position, long entry) throws IOException {}

  /// An entry that breaks the rules, with what would mend it.
  ///
  /// @param position where the entry is in the file
  /// @return whether it was mended
  default boolean mend(long position, long mended) throws IOException {
    return false;
  }
}
