package dev.platter.format.vmdk;

/// Numbers that every program writes alike.
final class VmdkLayout {
  /// Grains of a table.
  static final int ENTRIES = 512;

  /// Sectors of a table.
  static final long TABLE_SECTORS = ENTRIES * 4L / SparseHeader.SECTOR;

  /// Sectors that a descriptor gets, so that it can grow.
  static final long DESCRIPTOR_SECTORS = 20;

  /// Sectors that entries of four bytes can name.
  static final long SECTORS = 1L << 32;

  private VmdkLayout() {}
}
