package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// An entry of the snapshot table. Big-endian.
///
/// @param position where the entry starts in the file
/// @param head the fixed fields
/// @param extra further fields, some of which are known; kept as they were found
/// @param id unique in the image
/// @param name what the user called it
record QcowSnapshot(long position, Head head, Bytes extra, String id, String name) {
  /// Bytes that all entries may have together.
  static final long MAX_TABLE = 64 << 20;

  private static final long MAX_L1_BYTES = 32 << 20;
  private static final int MAX_EXTRA = 1024;

  /// The fixed fields of an entry.
  ///
  /// @param l1Offset where the snapshot's L1 table starts
  /// @param l1Size entries of it
  /// @param idSize bytes of the identifier behind the extra data
  /// @param nameSize bytes of the name behind the identifier
  /// @param seconds when it was taken, since 1970
  /// @param nanos the fraction of a second
  /// @param vmClock nanoseconds that the guest had run
  /// @param vmStateSize bytes of machine state; replaced by the first extra field
  /// @param extraSize bytes of extra data behind the fixed fields
  record Head(
      long l1Offset,
      long l1Size,
      int idSize,
      int nameSize,
      long seconds,
      long nanos,
      long vmClock,
      long vmStateSize,
      long extraSize) {
    static final Struct<Head> STRUCT =
        Struct.bigEndian("snapshot", new Head(0, 0, 0, 0, 0, 0, 0, 0, 0), Head::fields);

    private static Head fields(Fields f, Head h) {
      return new Head(
          f.u64("l1_table_offset", h.l1Offset),
          f.u32("l1_size", h.l1Size),
          f.u16("id_str_size", h.idSize),
          f.u16("name_size", h.nameSize),
          f.u32("date_sec", h.seconds),
          f.u32("date_nsec", h.nanos),
          f.u64("vm_clock_nsec", h.vmClock),
          f.u32("vm_state_size", h.vmStateSize),
          f.u32("extra_data_size", h.extraSize));
    }
  }

  /// Bytes of the entry with its padding.
  int size() {
    return (int) (Head.STRUCT.size() + head.extraSize + head.idSize + head.nameSize + 7) & -8;
  }

  /// Bytes of machine state.
  long vmState() {
    return extra.length() >= 8 ? extraField(0) : head.vmStateSize;
  }

  /// Bytes of the disk at that time.
  long diskSize(long today) {
    return extra.length() >= 16 ? extraField(1) : today;
  }

  /// Instructions that the guest had executed, where recorded.
  OptionalLong instructions() {
    return extra.length() >= 24 && extraField(2) != -1
        ? OptionalLong.of(extraField(2))
        : OptionalLong.empty();
  }

  /// A known field of the extra data: 0 machine state, 1 disk size, 2 instruction count.
  long extraField(int index) {
    long value = 0;
    byte[] bytes = extra.toArray();
    for (int i = 8 * index; i < 8 * index + 8; i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /// The header of an image whose active disk is this one.
  QcowHeader disk(String file, QcowHeader today) throws ImageException {
    QcowHeader then = today.with(diskSize(today.size()), head.l1Size, head.l1Offset);
    if (then.size() < 0 || (head.l1Size > 0 && head.l1Offset % today.clusterSize() != 0)) {
      throw new ImageException.Corrupt(
          file,
          "snapshot '"
              + id
              + "' at "
              + position
              + " has the disk size "
              + then.size()
              + " and its L1 table at "
              + QcowTables.hex(head.l1Offset)
              + ", expected a size below 2^63 and a table in whole clusters");
    }
    Limits.check(file, "L1 table for a snapshot in bytes", then.l1Needed() * 8, MAX_L1_BYTES);
    return then;
  }

  /// What there is to say about it.
  ///
  /// @param today bytes of the active disk
  ImageInfo.Snapshot info(long today) {
    return new ImageInfo.Snapshot(
        id,
        name,
        vmState(),
        Instant.ofEpochSecond(head.seconds, head.nanos),
        head.vmClock,
        instructions(),
        diskSize(today));
  }

  /// The first snapshot with an identifier or a name.
  static Optional<QcowSnapshot> find(
      List<QcowSnapshot> snapshots, String wanted, Function<QcowSnapshot, String> by) {
    return snapshots.stream().filter(s -> by.apply(s).equals(wanted)).findFirst();
  }

  /// Reads the snapshot table.
  static List<QcowSnapshot> read(Storage storage, QcowHeader header, Limits limits)
      throws IOException {
    String file = storage.name();
    Limits.check(file, "nb_snapshots", header.snapshotCount(), limits.snapshots());
    List<QcowSnapshot> found = new ArrayList<>();
    long at = header.snapshotsOffset();
    long limit = Math.min(MAX_TABLE, limits.tables());
    for (long i = 0; i < header.snapshotCount(); i++) {
      QcowSnapshot snapshot = readOne(storage, at, i);
      found.add(snapshot);
      at += snapshot.size();
      Limits.check(file, "snapshot table in bytes", at - header.snapshotsOffset(), limit);
    }
    return found;
  }

  private static QcowSnapshot readOne(Storage storage, long at, long index) throws IOException {
    String what = "snapshot " + index + " at " + at;
    long left = storage.size() - at;
    require(at > 0 && left >= Head.STRUCT.size(), storage, what + " is not inside the file");
    Head head = Head.STRUCT.read(storage, at);
    require(
        head.extraSize <= MAX_EXTRA,
        storage,
        what + " has extra_data_size " + head.extraSize + ", expected at most 1024");
    require(
        head.l1Size * 8 <= MAX_L1_BYTES,
        storage,
        what + " has l1_size " + head.l1Size + ", expected at most 4194304");
    int variable = (int) head.extraSize + head.idSize + head.nameSize;
    require(left - Head.STRUCT.size() >= variable, storage, what + " does not end inside the file");
    byte[] bytes = new byte[variable];
    storage.read(at + Head.STRUCT.size(), MemorySegment.ofArray(bytes));
    int id = (int) head.extraSize;
    return new QcowSnapshot(
        at,
        head,
        Bytes.of(java.util.Arrays.copyOf(bytes, id)),
        new String(bytes, id, head.idSize, StandardCharsets.UTF_8),
        new String(bytes, id + head.idSize, head.nameSize, StandardCharsets.UTF_8));
  }

  private static void require(boolean holds, Storage storage, String otherwise)
      throws ImageException {
    if (!holds) {
      throw new ImageException.Corrupt(storage.name(), otherwise);
    }
  }
}
