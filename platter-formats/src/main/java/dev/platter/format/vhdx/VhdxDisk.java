package dev.platter.format.vhdx;

import dev.platter.struct.Bytes;
import java.util.List;
import java.util.Optional;

/// What the metadata says of a disk and its blocks. It never changes.
///
/// @param blockSize bytes of a payload block
/// @param leaveAllocated blocks keep their places: a fixed image
/// @param hasParent the image is a child
/// @param size bytes of the disk
/// @param id the virtual disk ID, which the guest sees
/// @param logicalSector bytes of a sector
/// @param physicalSector bytes of a sector of the drive
/// @param locator names the parent
/// @param items the metadata table, with items that nobody knows
record VhdxDisk(
    long blockSize,
    boolean leaveAllocated,
    boolean hasParent,
    long size,
    Bytes id,
    long logicalSector,
    long physicalSector,
    Optional<VhdxLocator> locator,
    List<VhdxItem> items) {
  static final long LEAVE_ALLOCATED = 1;
  static final long HAS_PARENT = 2;
  static final long LARGEST = 64L << 40;
  static final long SMALLEST_BLOCK = 1 << 20;
  static final long LARGEST_BLOCK = 256 << 20;

  /// Sectors that a sector bitmap block speaks of.
  static final long CHUNK_SECTORS = 1 << 23;

  /// What is wrong with the numbers; empty if nothing is.
  String fault() {
    if (blockSize < SMALLEST_BLOCK || blockSize > LARGEST_BLOCK || Long.bitCount(blockSize) != 1) {
      return "block size " + blockSize + " is no power of two from 1 to 256 MiB";
    }
    if (!isSector(logicalSector)) {
      return "logical sector size " + logicalSector + " is neither 512 nor 4096";
    }
    if (!isSector(physicalSector)) {
      return "physical sector size " + physicalSector + " is neither 512 nor 4096";
    }
    if (size < 0 || size > LARGEST) {
      return "virtual disk size " + Long.toUnsignedString(size) + " is over 64 TiB";
    }
    if (size % logicalSector != 0) {
      return "virtual disk size " + size + " is not in whole sectors of " + logicalSector;
    }
    return hasParent && locator.isEmpty() ? "has no parent locator although there is a parent" : "";
  }

  private static boolean isSector(long size) {
    return size == 512 || size == 4096;
  }

  /// Whether all blocks have places for good.
  boolean isFixed() {
    return leaveAllocated && !hasParent;
  }

  /// The kind of image.
  String variant() {
    if (hasParent) {
      return "differencing";
    }
    return leaveAllocated ? "fixed" : "dynamic";
  }

  /// Payload blocks.
  long blocks() {
    return (size + blockSize - 1) / blockSize;
  }

  /// Bytes of a block that belong to the disk: the last may be cut.
  long bytesOf(long block) {
    return Math.min(blockSize, size - block * blockSize);
  }

  /// Payload blocks of a chunk, whose sectors have one bitmap block.
  long chunkBlocks() {
    return CHUNK_SECTORS * logicalSector / blockSize;
  }

  /// Chunks.
  long chunks() {
    return (blocks() + chunkBlocks() - 1) / chunkBlocks();
  }

  /// Entries that the BAT must have.
  long entries() {
    if (blocks() == 0) {
      return 0;
    }
    return hasParent ? chunks() * (chunkBlocks() + 1) : blocks() + (blocks() - 1) / chunkBlocks();
  }

  /// Where a block's entry is in the BAT.
  long index(long block) {
    return block + block / chunkBlocks();
  }

  /// Where the entry of a chunk's bitmap is in the BAT.
  long bitmapIndex(long chunk) {
    return chunk * (chunkBlocks() + 1) + chunkBlocks();
  }
}
