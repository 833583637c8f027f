package dev.platter.format.qcow;

import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What a new image shall be, and where its first structures are: header, parent's name, L1 table.
///
/// @param size bytes of the disk, whole sectors
/// @param backing the parent's name, empty if there is none
record Qcow1Options(long size, int clusterBits, int tableBits, String backing) {
  private static final String CLUSTER_SIZE = "cluster_size";
  private static final String TABLE_SIZE = "table_size";
  private static final int ENTRY_BITS = 3;

  static final List<Option> DECLARED =
      List.of(
          Option.size(
              CLUSTER_SIZE, "", "bytes of a cluster, 512 to 64K; 4K, with a backing file 512"),
          Option.size(TABLE_SIZE, "", "bytes of an L2 table, 512 to 64K; by cluster_size"));

  static Qcow1Options of(Blueprint blueprint) {
    Options options = blueprint.options();
    boolean child = blueprint.backing().isPresent();
    require(
        blueprint.size() >= 1 && blueprint.size() <= Qcow1Header.LARGEST_DISK,
        "a QCOW image holds a disk of 1 to "
            + Qcow1Header.LARGEST_DISK
            + " bytes, not "
            + blueprint.size());
    int clusterBits = options.has(CLUSTER_SIZE) ? bits(options, CLUSTER_SIZE) : child ? 9 : 12;
    // what QEMU has for clusters of 512 and of 4096 bytes
    int usual = clusterBits < 12 ? 12 : clusterBits - ENTRY_BITS;
    int tableBits = options.has(TABLE_SIZE) ? bits(options, TABLE_SIZE) - ENTRY_BITS : usual;
    String backing = blueprint.backing().map(Blueprint.Backing::name).orElse("");
    var wanted = new Qcow1Options((blueprint.size() + 511) & -512, clusterBits, tableBits, backing);
    int name = wanted.name().length;
    require(
        name <= Qcow1Header.LONGEST_NAME,
        "the parent's name has " + name + " bytes, the limit is " + Qcow1Header.LONGEST_NAME);
    require(
        Long.BYTES * wanted.header().tables() <= Qcow1Header.LONGEST_TABLE,
        "a disk of "
            + blueprint.size()
            + " bytes is too large for "
            + CLUSTER_SIZE
            + "="
            + wanted.clusterSize());
    return wanted;
  }

  private static int bits(Options options, String option) {
    long value = options.size(option);
    require(
        Long.bitCount(value) == 1 && value >= 512 && value <= 64 << 10,
        "option "
            + option
            + "="
            + options.text(option)
            + ": expected a power of two from 512 to 64K");
    return Long.numberOfTrailingZeros(value);
  }

  static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  int clusterSize() {
    return 1 << clusterBits;
  }

  /// Entries of an L2 table.
  int entries() {
    return 1 << tableBits;
  }

  private byte[] name() {
    return backing.getBytes(StandardCharsets.UTF_8);
  }

  long up(long position) {
    return (position + clusterSize() - 1) & -clusterSize();
  }

  Qcow1Header header() {
    int name = name().length;
    int start = Qcow1Header.STRUCT.size();
    return new Qcow1Header(
        Qcow1Header.SIGNATURE,
        1,
        name == 0 ? 0 : start,
        name,
        0,
        size,
        clusterBits,
        tableBits,
        0,
        0,
        (start + name + 7) & -8);
  }

  /// The header's bytes and the name behind it.
  byte[] start() {
    byte[] name = name();
    byte[] fields = Qcow1Header.STRUCT.encode(header());
    byte[] bytes = Arrays.copyOf(fields, fields.length + name.length);
    System.arraycopy(name, 0, bytes, fields.length, name.length);
    return bytes;
  }

  /// Where the L1 table ends; its last sector is whole, as QEMU makes it.
  long end() {
    Qcow1Header header = header();
    long table = Long.BYTES * header.tables();
    return header.tablePosition() + ((table + 511) & -512);
  }
}
