package dev.platter.testkit;

import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.image.Secrets;
import java.util.Map;

/// A format and the options with which its images are made: what a suite is run on.
///
/// @param options values of the format's options
/// @param sizeUnit what sizes of disks must be multiples of
/// @param parents which images can be its parents
/// @param secrets the keys of encrypted images
public record Variant(
    ImageFormat format,
    Map<String, String> options,
    int sizeUnit,
    Parents parents,
    Secrets secrets) {

  /// Which images can be the parents of an image.
  public enum Parents {
    /// None.
    NONE,
    /// Only images of the same format.
    SAME_FORMAT,
    /// Images of any format.
    ANY
  }

  /// A variant of which the rest is guessed from the format's capabilities: a child that has an
  /// identity names its parent's, so that it can only be of the same format.
  public static Variant of(ImageFormat format, Map<String, String> options) {
    Parents parents = Parents.NONE;
    if (format.capabilities().contains(Capability.BACKING)) {
      parents =
          format.capabilities().contains(Capability.IDENTITY) ? Parents.SAME_FORMAT : Parents.ANY;
    }
    return new Variant(format, options, 512, parents, Secrets.none());
  }

  /// The same with disks of other sizes.
  public Variant sizeUnit(int bytes) {
    return new Variant(format, options, bytes, parents, secrets);
  }

  /// The same with other parents.
  public Variant parents(Parents allowed) {
    return new Variant(format, options, sizeUnit, allowed, secrets);
  }

  /// The same with keys.
  public Variant secrets(Secrets keys) {
    return new Variant(format, options, sizeUnit, parents, keys);
  }

  /// Whether an image of this variant can be the child of one of `parent`.
  public boolean accepts(Variant parent) {
    return switch (parents) {
      case NONE -> false;
      case SAME_FORMAT -> format.name().equals(parent.format.name());
      case ANY -> true;
    };
  }

  /// Whether the format says that it can do something.
  public boolean can(Capability capability) {
    return format.capabilities().contains(capability);
  }

  /// A size near the one given that a disk can have.
  public long size(long bytes) {
    return Math.max(bytes / sizeUnit, 1) * sizeUnit;
  }

  @Override
  public String toString() {
    return format.name() + (options.isEmpty() ? "" : options);
  }
}
