package dev.platter.image;

import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A kind of image: finds out whether a storage holds one, opens it, and lays out new ones. Formats
/// are found as services. A format has no state and is safe for use by many threads.
public interface ImageFormat {

  /// The version of this interface. A format compiled for another major version is refused.
  int SPI_VERSION = 1;

  /// The version of this interface that the format was written for.
  default int spiVersion() {
    return SPI_VERSION;
  }

  /// The name that commands and JSON use, such as `qcow2`: lower case, never changed.
  String name();

  /// Other names that users know it by.
  List<String> aliases();

  /// The name for people, such as `VirtualBox VDI`.
  String title();

  /// Extensions of file names, without the dot, the usual one first.
  List<String> extensions();

  /// The file that an image is opened by where images are folders and users name the folder.
  default Optional<String> folderFile() {
    return Optional.empty();
  }

  /// Options that [#plan] takes.
  List<Option> options();

  /// Options that [#open] takes.
  default List<Option> openOptions() {
    return List.of();
  }

  /// What images of this format can do.
  Set<Capability> capabilities();

  /// Looks at a storage's content, at most a few blocks at its start and end.
  Probe probe(Storage storage) throws IOException;

  /// Opens an image. The image owns the storage from now on, also if this fails.
  ///
  /// @throws ImageException if there is no image of this format, or it cannot be opened
  Image open(Storage storage, OpenContext context) throws IOException;

  /// Lays out a new image.
  ///
  /// @param allocation what of the disk is stored; the executor copies exactly these runs. Runs are
  ///   as the source has them: the format rounds them to its units.
  /// @throws IllegalArgumentException if the format cannot hold such a disk or an option's value
  ///   does not fit, in one sentence for the user
  /// @throws UnsupportedOperationException never from a format that has [Capability#CREATE]
  Plan plan(Blueprint blueprint, Allocation allocation) throws IOException;

  /// Starts the layout of a new image with compressed units, for formats with
  /// [Capability#COMPRESS]; none for the others.
  Optional<Packing> pack(Blueprint blueprint) throws IOException;

  /// Whether images like this are always compressed, so that they are made by [#pack] even if
  /// nobody asked for compression. One without data can be planned all the same.
  default boolean alwaysPacked(Blueprint blueprint) {
    return false;
  }

  /// Whether the runs that an allocation leaves out read as zeros in a new image. Where they do
  /// not, because the image has no place to say so and a hole in it reads as noise, all of a disk
  /// must be stored to copy it.
  default boolean gapsReadAsZeros(Blueprint blueprint) {
    return true;
  }

  /// Whether a storage holds an image of a format.
  sealed interface Probe {
    /// No image of this format.
    record NotMine() implements Probe {}

    /// An image of this format.
    record Mine() implements Probe {}

    /// Meant to be an image of this format, but broken.
    ///
    /// @param why what is broken, a clause without the storage's name
    record Broken(String why) implements Probe {}
  }
}
