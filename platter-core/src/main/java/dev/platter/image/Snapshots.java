package dev.platter.image;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// An image that keeps earlier states of its disk inside itself. A state is read by opening the
/// image with the options `snapshot.id` or `snapshot.name` of [ImageFormat#openOptions].
///
/// The methods that change something need no [Image#prepareToWrite] before them, and what they do
/// is durable when they return. Each happens wholly or not at all: a crash leaves all snapshots and
/// the disk as they were before or as they are after, and room that nobody uses at worst.
public interface Snapshots extends Image {

  /// The snapshots, in the order of the image.
  List<ImageInfo.Snapshot> snapshots() throws IOException;

  /// Keeps the disk as it is now.
  ///
  /// @param name what it is to be called; several may have the same name
  /// @param taken the time that is recorded
  /// @throws IllegalArgumentException if the name is too long
  /// @throws ImageException.Unsupported if this image cannot have a snapshot, or no further one
  ImageInfo.Snapshot createSnapshot(String name, Instant taken) throws IOException;

  /// Makes the disk what it was, its size too. What it is now is lost, unless a snapshot keeps it.
  /// The image is opened again before guest data is read or written.
  ///
  /// @param id the identifier of a snapshot
  /// @throws IllegalArgumentException if there is no such snapshot
  void applySnapshot(String id) throws IOException;

  /// Lets go of a state.
  ///
  /// @param id the identifier of a snapshot
  /// @throws IllegalArgumentException if there is no such snapshot
  void deleteSnapshot(String id) throws IOException;
}
