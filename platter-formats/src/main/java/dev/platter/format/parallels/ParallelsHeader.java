package dev.platter.format.parallels;

import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.map.BlockMap;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The header of an image. Little-endian.
///
/// @param magic what entries of the map count: see [#SECTORS] and [#CLUSTERS]
/// @param version 2
/// @param heads of the guest's geometry
/// @param cylinders of the guest's geometry
/// @param tracks sectors of a cluster
/// @param entries of the map, `nb_bat_entries`
/// @param sectors of the disk, `nb_sectors`; only the lower half where entries count sectors
/// @param inUse whether somebody writes the image, see [#IN_USE] and [#CLOSED]
/// @param dataOffset the sector where clusters start, `data_off`; 0 may mean "behind the map"
/// @param flags see [#EMPTY]
/// @param extension the sector of the format extension, `ext_off`; 0 if there is none
record ParallelsHeader(
    Bytes magic,
    long version,
    long heads,
    long cylinders,
    long tracks,
    long entries,
    long sectors,
    long inUse,
    long dataOffset,
    long flags,
    long extension) {

  /// Entries of the map are sectors.
  static final Bytes SECTORS = Bytes.text("WithoutFreeSpace", 16);

  /// Entries of the map are clusters.
  static final Bytes CLUSTERS = Bytes.text("WithouFreSpacExt", 16);

  static final int SECTOR = 512;
  static final int VERSION = 2;
  static final long IN_USE = 0x746f_6e59;

  /// Closed by a program that knows the format extension.
  static final long CLOSED = 0x312e_3276;

  /// Flag: whatever the map says, the disk is all zeros.
  static final long EMPTY = 1;

  /// Entries of the map are below this.
  static final long ENTRY_END = 1L << 32;

  /// The largest cluster: what can be allocated at once must fit into a number of 31 bits.
  private static final long LARGEST_CLUSTER = 1 << 30;

  static final Struct<ParallelsHeader> STRUCT =
      Struct.littleEndian(
          "Parallels header",
          new ParallelsHeader(Bytes.zeros(16), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
          ParallelsHeader::fields);

  private static ParallelsHeader fields(Fields f, ParallelsHeader h) {
    return new ParallelsHeader(
        f.bytes("magic", 16, h.magic),
        f.u32("version", h.version),
        f.u32("heads", h.heads),
        f.u32("cylinders", h.cylinders),
        f.u32("tracks", h.tracks),
        f.u32("entries", h.entries),
        f.u64("sectors", h.sectors),
        f.u32("inUse", h.inUse),
        f.u32("dataOffset", h.dataOffset),
        f.u32("flags", h.flags),
        f.u64("extension", h.extension));
  }

  /// Whether entries of the map are clusters and not sectors.
  boolean countsClusters() {
    return magic.equals(CLUSTERS);
  }

  /// The word for [#magic].
  String variant() {
    return countsClusters() ? "extended" : "classic";
  }

  /// Bytes of the disk.
  long size() {
    return (countsClusters() ? sectors : sectors & 0xffff_ffffL) * SECTOR;
  }

  /// Bytes of a cluster.
  long cluster() {
    return tracks * SECTOR;
  }

  /// Where the map ends.
  long mapEnd() {
    return STRUCT.size() + 4 * entries;
  }

  /// Where clusters start.
  long dataStart() {
    return dataOffset == 0 ? (mapEnd() + SECTOR - 1) & -SECTOR : dataOffset * SECTOR;
  }

  /// How far the entries of two clusters are apart that stand one behind the other.
  long step() {
    return countsClusters() ? 1 : tracks;
  }

  /// Bytes that an entry counts.
  long factor() {
    return countsClusters() ? cluster() : SECTOR;
  }

  /// The position that an entry means, or a mark of [BlockMap].
  long meaning(long entry) {
    return entry == 0 ? BlockMap.UNALLOCATED : entry * factor();
  }

  /// Where a place starts: clusters of the file, counted from [#dataStart].
  long place(long number) {
    return dataStart() + number * cluster();
  }

  /// The entry that means a place; may be too large to be one.
  long entry(long place) {
    return place(place) / factor();
  }

  /// How many places, whole or not, there are in front of a position.
  long placesBefore(long position) {
    return Math.max(position - dataStart() + cluster() - 1, 0) / cluster();
  }

  /// How many places entries can mean.
  long namedPlaces() {
    return (ENTRY_END - 1 - entry(0)) / step() + 1;
  }

  /// Whether a cluster can start there: behind the tables and in step with the others.
  boolean isPlace(long position) {
    return position >= dataStart() && (position - dataStart()) % cluster() == 0;
  }

  /// Whether somebody has the image open for writing, or did not close it.
  boolean marked() {
    return inUse == IN_USE;
  }

  /// The header with another geometry.
  ParallelsHeader with(long newCylinders, long newHeads) {
    return new ParallelsHeader(
        magic,
        version,
        newHeads,
        newCylinders,
        tracks,
        entries,
        sectors,
        inUse,
        dataOffset,
        flags,
        extension);
  }

  /// The header with another state.
  ParallelsHeader with(long newInUse, long newFlags, long newExtension) {
    return new ParallelsHeader(
        magic,
        version,
        heads,
        cylinders,
        tracks,
        entries,
        sectors,
        newInUse,
        dataOffset,
        newFlags,
        newExtension);
  }

  /// The geometry, as far as the header has it: sectors of a track are what makes it nearly the
  /// disk's size.
  Optional<Geometry> geometry() {
    if (heads == 0 || heads > 0xffff || cylinders == 0) {
      return Optional.empty();
    }
    long track = size() / SECTOR / (heads * cylinders);
    return track == 0 || track > 0xff
        ? Optional.empty()
        : Optional.of(new Geometry(cylinders, (int) heads, (int) track));
  }

  /// Checks what the rest of the package takes for granted.
  ParallelsHeader checked(Storage storage, Limits limits) throws IOException {
    String file = storage.name();
    if (!magic.equals(SECTORS) && !magic.equals(CLUSTERS)) {
      throw new ImageException.Corrupt(
          file, "has no magic of a Parallels image at 0, but " + magic);
    }
    if (version != VERSION) {
      throw new ImageException.Unsupported(
          file, "Parallels version " + version + " at 16; " + VERSION + " is known");
    }
    require(tracks > 0, file, "tracks", tracks);
    if (cluster() > LARGEST_CLUSTER) {
      throw new ImageException.Unsupported(
          file,
          "Parallels clusters of "
              + cluster()
              + " bytes, the largest known are "
              + LARGEST_CLUSTER);
    }
    long most = (Long.MAX_VALUE - LARGEST_CLUSTER) / SECTOR;
    require(!countsClusters() || (sectors >= 0 && sectors <= most), file, "sectors", sectors);
    require((size() + cluster() - 1) / cluster() <= entries, file, "entries", entries);
    Limits.check(file, "bytes of the block map", 4 * entries, limits.tables());
    require(mapEnd() <= storage.size(), file, "entries", entries);
    require(dataStart() >= mapEnd(), file, "dataOffset", dataOffset);
    boolean aligned = dataOffset > 0 && dataOffset % tracks == 0;
    require(!countsClusters() || aligned, file, "dataOffset", dataOffset);
    return this;
  }

  private static void require(boolean holds, String file, String field, long value)
      throws ImageException.Corrupt {
    if (!holds) {
      throw new ImageException.Corrupt(
          file,
          "Parallels header field "
              + field
              + " at "
              + STRUCT.offset(field)
              + " is "
              + Long.toUnsignedString(value)
              + ", which cannot be");
    }
  }

  /// What is wrong with the state that somebody left the image in; empty if nothing is.
  Optional<String> fault() {
    if (inUse != 0 && inUse != IN_USE && inUse != CLOSED) {
      return Optional.of(
          "header field inUse at "
              + STRUCT.offset("inUse")
              + " is 0x"
              + Long.toHexString(inUse)
              + ", which is neither open nor closed");
    }
    return Optional.empty();
  }

  /// The magic as text.
  String magicText() {
    return magic.text(StandardCharsets.US_ASCII);
  }
}
