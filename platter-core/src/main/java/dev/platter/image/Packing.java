package dev.platter.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

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
