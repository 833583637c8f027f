package dev.platter.image;

import java.io.IOException;

/// What can be wrong with an image, as opposed to the storage it is in. A message is one sentence:
/// the storage, where in it, what is there, and what was expected.
public abstract sealed class ImageException extends IOException {
  private static final long serialVersionUID = 1;

  private ImageException(String storage, String what) {
    super(storage + ": " + what);
  }

  /// The image breaks its format's rules.
  public static final class Corrupt extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what breaks which rule, and where.
    ///
    /// @param storage the storage's name
    /// @param what the field, its value and its position
    public Corrupt(String storage, String what) {
      super(storage, what);
    }
  }

  /// The image is in order, as far as can be told, but needs something that Platter cannot do.
  public static final class Unsupported extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what would be needed.
    ///
    /// @param storage the storage's name
    /// @param what what would be needed
    public Unsupported(String storage, String what) {
      super(storage, what);
    }
  }

  /// The image is encrypted, and the key that was given is wrong, or none was.
  public static final class Locked extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what is encrypted, and what is wrong with the key.
    ///
    /// @param storage the storage's name
    /// @param what how it is encrypted and what is wrong with the key, never the key itself
    public Locked(String storage, String what) {
      super(storage, what);
    }
  }

  /// The parent is missing, is not the one that the image was made from, or has changed since.
  public static final class WrongParent extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what was expected and what was found.
    ///
    /// @param storage the child's name
    /// @param what what was expected and what was found
    public WrongParent(String storage, String what) {
      super(storage, what);
    }
  }

  /// Opening the image would take more than [Limits] allows.
  public static final class LimitExceeded extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what is over which limit.
    ///
    /// @param storage the storage's name
    /// @param what the field, its value and the limit
    public LimitExceeded(String storage, String what) {
      super(storage, what);
    }
  }

  /// The image names a file that [Reach] does not allow to open.
  public static final class OutOfReach extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says which reference is not followed, and why.
    ///
    /// @param storage the name of the storage that has the reference
    /// @param what the reference, and why it is not followed
    public OutOfReach(String storage, String what) {
      super(storage, what);
    }
  }

  /// It cannot be told what kind of image this is, or two formats claim it.
  public static final class Unrecognized extends ImageException {
    private static final long serialVersionUID = 1;

    /// Says what was found instead of one format.
    ///
    /// @param storage the storage's name
    /// @param what what was found
    public Unrecognized(String storage, String what) {
      super(storage, what);
    }
  }
}
