package dev.platter.image;

/// What an image says about itself and its parent, as far as it can be changed.
public enum Property {
  /// Which image this is.
  IDENTITY("a UUID"),
  /// Which state of it this is.
  MODIFICATION("a modification UUID"),
  /// Which image the parent is.
  PARENT_IDENTITY("a parent UUID"),
  /// Which state of the parent the image was made from.
  PARENT_MODIFICATION("a modification UUID of its parent"),
  /// Words for people.
  COMMENT("a comment"),
  /// The geometry that the drive reports.
  PHYSICAL_GEOMETRY("a physical geometry"),
  /// The geometry that a BIOS uses.
  LOGICAL_GEOMETRY("a logical geometry"),
  /// The parent itself: by name, identity, or however the format refers to it.
  PARENT("a parent");

  private final String phrase;

  Property(String phrase) {
    this.phrase = phrase;
  }

  /// A noun for messages, with its article.
  public String phrase() {
    return phrase;
  }
}
