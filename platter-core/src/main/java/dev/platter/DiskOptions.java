package dev.platter;

import dev.platter.image.Limits;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Reach;
import dev.platter.image.Secrets;
import dev.platter.io.Access;
import dev.platter.io.Sharing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a disk is opened.
///
/// @param access whether its top image may be changed
/// @param format the top image's format; found by probing if empty
/// @param parents whether parents are opened
/// @param parentFormat the format of parents that do not say it
/// @param candidates files to look for parents in, besides what the image names
/// @param unchecked whether a parent that is not the one the child was made from is taken anyway
/// @param reach what may be followed
/// @param limits what opening may take
/// @param sharing whether files are locked
/// @param purpose what is going to be asked
/// @param secrets the keys of encrypted images
/// @param settings values of the top image's [dev.platter.image.ImageFormat#openOptions]
public record DiskOptions(
    Access access,
    Optional<String> format,
    boolean parents,
    Optional<String> parentFormat,
    List<Path> candidates,
    boolean unchecked,
    Reach reach,
    Limits limits,
    Sharing sharing,
    Purpose purpose,
    Secrets secrets,
    Map<String, String> settings) {

  /// Read-only, by content, with parents but following no name.
  public static DiskOptions standard() {
    return new DiskOptions(
        Access.READ,
        Optional.empty(),
        true,
        Optional.empty(),
        List.of(),
        false,
        Reach.nothing(),
        Limits.standard(),
        Sharing.LOCKED,
        Purpose.DATA,
        Secrets.none(),
        Map.of());
  }

  /// The same for writing.
  public DiskOptions writable() {
    return access(Access.WRITE);
  }

  /// The same with another access.
  public DiskOptions access(Access value) {
    return new DiskOptions(
        value,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with a format that is not probed.
  public DiskOptions format(Optional<String> value) {
    return new DiskOptions(
        access,
        value,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same for the top image alone.
  public DiskOptions withoutParents() {
    return new DiskOptions(
        access,
        format,
        false,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with a format for parents that do not say theirs.
  public DiskOptions parentFormat(Optional<String> value) {
    return new DiskOptions(
        access,
        format,
        parents,
        value,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with more places to look for parents.
  public DiskOptions candidates(List<Path> value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        value,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same without checks of a parent's identity.
  public DiskOptions acceptAnyParent() {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        true,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with another policy for names inside images.
  public DiskOptions reach(Reach value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        value,
        limits,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with other limits.
  public DiskOptions limits(Limits value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        value,
        sharing,
        purpose,
        secrets,
        settings);
  }

  /// The same with or without locks.
  public DiskOptions sharing(Sharing value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        value,
        purpose,
        secrets,
        settings);
  }

  /// The same for another purpose.
  public DiskOptions purpose(Purpose value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        value,
        secrets,
        settings);
  }

  /// The same with keys for encrypted images.
  public DiskOptions secrets(Secrets value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        value,
        settings);
  }

  /// The same with options that the top image's format takes for opening.
  public DiskOptions settings(Map<String, String> value) {
    return new DiskOptions(
        access,
        format,
        parents,
        parentFormat,
        candidates,
        unchecked,
        reach,
        limits,
        sharing,
        purpose,
        secrets,
        Map.copyOf(value));
  }
}
