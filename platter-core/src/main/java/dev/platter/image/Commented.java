package dev.platter.image;

/// An image that has a comment.
public interface Commented extends Image {

  /// The comment, empty if there is none.
  String comment();
}
