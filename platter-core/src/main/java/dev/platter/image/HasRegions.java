package dev.platter.image;

import java.util.List;

/// An image whose blocks are not all alike, or not of 512 bytes: an optical disc with its tracks.
public interface HasRegions extends Image {

  /// The regions of the disk in ascending order, one behind the other: together they are all of its
  /// bytes.
  List<Region> regions();
}
