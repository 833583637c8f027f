package dev.platter.image;

import java.io.IOException;

/// An image that shows every structure it has on disk.
public interface Dumpable extends Image {

  /// Describes the structures, in the order of the format's document.
  void dump(Dump sink) throws IOException;

  /// Takes a description, as a tree of sections with fields.
  interface Dump {
    /// Starts a structure; everything until the matching [#end] belongs to it.
    ///
    /// @param position where it starts in the image's first storage
    void begin(String name, long position, long length);

    /// A field of the structure.
    ///
    /// @param position where it starts in the storage
    /// @param length bytes
    /// @param value `Long`, `String`, `Boolean`, or a hexadecimal text for opaque bytes
    /// @param note what it means, may be empty
    void field(String name, long position, int length, Object value, String note);

    /// Ends the structure begun last.
    void end();
  }
}
