package dev.platter.operation;

import dev.platter.Buffers;
import dev.platter.Zeros;
import dev.platter.image.Packing;
import dev.platter.image.Packing.Encoder;
import dev.platter.image.Packing.Run;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A few units on their way: read, encoded, placed and written together. Used again and again.
final class PackBatch implements AutoCloseable {
  private static final int BYTES = 1 << 20;
  private static final int ALL_ZERO = -2;
  private static final int TOLD_ZERO = -3;

  private final int unit;
  private final int limit;
  private final long[] offsets;
  private final long[] lengths;
  private final int[] encoded;
  private final Buffers.Lease plainLease;
  private final Buffers.Lease packedLease;
  private int count;
  private long bytes;
  private long ticket;

  /// Where units go, in ascending order.
  interface Sink {
    /// Asks for the place of a unit.
    long place(long offset, int encoded) throws IOException;

    /// Takes encoded units that stand one behind the other.
    void write(long position, MemorySegment units) throws IOException;

    /// Takes a run of whole units that are zeros.
    void zeros(Run run) throws IOException;
  }

  PackBatch(Packing packing) {
    unit = packing.unitSize();
    limit = Math.max(packing.encodedLimit(), unit);
    int units = Math.max(BYTES / unit, 1);
    offsets = new long[units];
    lengths = new long[units];
    encoded = new int[units];
    plainLease = Buffers.lease((long) units * unit);
    packedLease = Buffers.lease((long) units * limit);
  }

  void clear(long number) {
    ticket = number;
    count = 0;
    bytes = 0;
  }

  long ticket() {
    return ticket;
  }

  boolean full() {
    return count == offsets.length;
  }

  boolean empty() {
    return count == 0;
  }

  void add(long offset) {
    bytes += unit;
    encoded[count] = 0;
    add(offset, unit);
  }

  /// Adds a run that is known to be zeros and must be told.
  void addZeros(long offset, long length) {
    encoded[count] = TOLD_ZERO;
    add(offset, length);
  }

  private void add(long offset, long length) {
    offsets[count] = offset;
    lengths[count++] = length;
  }

  /// Bytes of the disk that it holds.
  long bytes() {
    return bytes;
  }

  void encode(GuestBytes source, Encoder encoder, boolean findZeros) throws IOException {
    read(source);
    long used = 0;
    for (int index = 0; index < count; index++) {
      if (encoded[index] == TOLD_ZERO) {
        continue;
      }
      MemorySegment plain = plain(index);
      if (findZeros && Zeros.allZero(plain)) {
        encoded[index] = ALL_ZERO;
        continue;
      }
      MemorySegment packed = packedLease.segment().asSlice(used, limit);
      encoded[index] = encoder.encode(offsets[index], plain, packed);
      if (encoded[index] == Encoder.RAW) {
        MemorySegment.copy(plain, 0, packed, 0, unit);
      }
      used += stored(index);
    }
  }

  private void read(GuestBytes source) throws IOException {
    for (int index = 0; index < count; ) {
      int next = index + 1;
      if (encoded[index] == TOLD_ZERO) {
        index = next;
        continue;
      }
      while (next < count
          && encoded[next] != TOLD_ZERO
          && offsets[next] == offsets[next - 1] + unit) {
        next++;
      }
      long length = (long) (next - index) * unit;
      source.read(offsets[index], plainLease.segment().asSlice((long) index * unit, length));
      index = next;
    }
  }

  private MemorySegment plain(int index) {
    return plainLease.segment().asSlice((long) index * unit, unit);
  }

  private int stored(int index) {
    return switch (encoded[index]) {
      case ALL_ZERO, TOLD_ZERO -> 0;
      case Encoder.RAW -> unit;
      default -> encoded[index];
    };
  }

  /// Asks for places and writes, neighbours together.
  void place(Sink target) throws IOException {
    long written = 0;
    long used = 0;
    long position = 0;
    for (int index = 0; index < count; index++) {
      if (encoded[index] == ALL_ZERO || encoded[index] == TOLD_ZERO) {
        target.zeros(new Run(offsets[index], lengths[index]));
        continue;
      }
      long place = target.place(offsets[index], encoded[index]);
      if (used == written) {
        position = place;
      } else if (place != position + used - written) {
        target.write(position, packedLease.segment().asSlice(written, used - written));
        written = used;
        position = place;
      }
      used += stored(index);
    }
    if (used > written) {
      target.write(position, packedLease.segment().asSlice(written, used - written));
    }
  }

  @Override
  public void close() {
    plainLease.close();
    packedLease.close();
  }
}
