package dev.platter.image;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// What there is to say about an open image.
///
/// @param clusterSize bytes of an allocation block, where there are blocks
/// @param dirty the image was not closed properly
/// @param corrupt the image is marked as corrupt
/// @param encrypted guest data is encrypted
/// @param compressed the image is of a compressed kind as a whole (single compressed clusters do
///   not count)
/// @param variant the format's word for the kind of image, such as `dynamic` or `fixed`
/// @param snapshots internal snapshots
/// @param specific what only this format has: names as `qemu-img info` prints them where it has
///   them; values are `String`, `Long`, `Boolean`, or `List` and `SequencedMap` of these
public record ImageInfo(
    OptionalLong clusterSize,
    boolean dirty,
    boolean corrupt,
    boolean encrypted,
    boolean compressed,
    Optional<String> variant,
    List<Snapshot> snapshots,
    SequencedMap<String, Object> specific) {

  /// An internal snapshot.
  ///
  /// @param id the identifier, unique in the image
  /// @param name what the user called it
  /// @param vmStateSize bytes of saved machine state
  /// @param taken when
  /// @param vmClockNanos how long the guest had run
  /// @param icount instructions that the guest had executed, where recorded
  /// @param diskSize bytes of the disk at that time
  public record Snapshot(
      String id,
      String name,
      long vmStateSize,
      Instant taken,
      long vmClockNanos,
      OptionalLong icount,
      long diskSize) {}
}
