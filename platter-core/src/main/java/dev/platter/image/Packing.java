package dev.platter.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The layout of a new image with compressed units, whose lengths are known only when they have
/// been compressed. Units are compressed on all cores and placed in ascending order by one thread,
/// so that the file is the same for any number of threads.
public interface Packing {

  /// Bytes of the disk that are compressed as a whole. The disk's last unit is filled with zeros.
  int unitSize();

  /// Bytes that an encoded unit can have at most.
  int encodedLimit();

  /// A new encoder, for one thread.
  Encoder encoder();

  /// Says where a unit goes. Called once for every unit that is not all zeros, in ascending order.
  ///
  /// @param offset where the unit starts on the disk
  /// @param encoded bytes that the encoder made of it, [Encoder#RAW] if it is stored as it is
  /// @return the position in the main file of its first byte; later than every earlier answer
  long place(long offset, int encoded) throws IOException;

  /// The rest of the image, once every unit has its place: pieces of metadata only, and the sizes.
  /// Their ranges do not overlap the units.
  ///
  /// @param zeros runs of whole units that read as zeros although the parent has other bytes
  Plan finish(List<Run> zeros) throws IOException;

  /// The order in which the image can be written from its first byte to its last, if there is one.
  /// It is asked for once, before the first unit, and then used for files too, so that a file and a
  /// pipe get the same bytes.
  default Optional<OnePass> onePass() {
    return Optional.empty();
  }

  /// A layout in which all that stands in front of a unit is known when the unit gets its place.
  interface OnePass {

    /// Says that a run of whole units reads as zeros although the parent has other bytes: in order
    /// with the calls of [Packing#place], and instead of telling it to [Packing#finish].
    void zeros(Run run) throws IOException;

    /// Takes the pieces that nothing changes any more, in ascending order, each of them once. When
    /// a unit has got its place, all that stand in front of it are among them. [Packing#finish] has
    /// the others.
    List<Plan.Piece> settled();
  }

  /// A run of the disk.
  record Run(long offset, long length) {}

  /// Compresses units, one thread's.
  interface Encoder extends AutoCloseable {
    /// Not worth encoding: the unit is stored as it is.
    int RAW = -1;

    /// Compresses a unit, framing it as the format wants it.
    ///
    /// @param offset where the unit starts on the disk
    /// @param target has [Packing#encodedLimit] bytes
    /// @return bytes written to `target`, or [#RAW]
    int encode(long offset, MemorySegment unit, MemorySegment target) throws IOException;

    @Override
    void close();
  }
}
