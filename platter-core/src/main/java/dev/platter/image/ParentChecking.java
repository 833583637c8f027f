package dev.platter.image;

import java.util.Optional;

/// An image that knows its parent's state by something else than a UUID.
public interface ParentChecking extends Image {

  /// Why an image is not the parent in the state that this one was made from; empty if it is.
  ///
  /// @param parent an image that was found where this one's [Image#parent] says
  /// @return a clause that begins with a verb, its subject being the parent
  Optional<String> fault(Image parent);
}
