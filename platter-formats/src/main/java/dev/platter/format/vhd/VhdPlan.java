package dev.platter.format.vhd;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Sizes;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/// Lays out new images.
final class VhdPlan {
  private static final int SECTOR = VhdFooter.SECTOR;
  private static final long MIB = 1 << 20;
  private static final long LARGEST_BLOCK = 1 << 30;
  private static final long NO_OFFSET = -1;
  private static final Bytes CREATOR = Bytes.text("pltr", 4);
  private static final Bytes HOST = Bytes.text("Wi2k", 4);
  private static final long CREATOR_VERSION = 0x1_0000;

  private final Blueprint blueprint;
  private final Options options;
  private final boolean fixed;
  private final long size;
  private final VhdGeometry geometry;

  VhdPlan(Blueprint blueprint) {
    this.blueprint = blueprint;
    this.options = blueprint.options();
    boolean azure = options.on(VhdFormat.AZURE);
    this.fixed = azure || options.text(VhdFormat.SUBFORMAT).equals("fixed");
    checkCombination(azure);
    boolean exact = azure || options.on(VhdFormat.FORCE_SIZE);
    long sectors = sectors(azure, exact);
    this.size = sectors * SECTOR;
    checkSize();
    VhdGeometry near = VhdGeometry.of(sectors);
    this.geometry = near.total() == sectors ? near : VhdGeometry.LARGEST;
  }

  private void checkCombination(boolean azure) {
    if (azure && options.given(VhdFormat.SUBFORMAT).equals(java.util.Optional.of("dynamic"))) {
      throw new IllegalArgumentException(
          "Azure takes fixed VHDs only: azure=on, subformat=dynamic");
    }
    if (azure && options.has(VhdFormat.FORCE_SIZE) && !options.on(VhdFormat.FORCE_SIZE)) {
      throw new IllegalArgumentException(
          "Azure takes whole MiB, which a geometry seldom has: azure=on, force_size=off");
    }
    if (fixed && blueprint.backing().isPresent()) {
      throw new IllegalArgumentException("a fixed VHD has no place for a parent");
    }
  }

  private long sectors(boolean azure, boolean exact) {
    long unit = azure ? MIB : SECTOR;
    if (blueprint.size() > VhdFooter.LARGEST_DISK) {
      throw tooLarge(blueprint.size());
    }
    long sectors = (blueprint.size() + unit - 1) / unit * (unit / SECTOR);
    return exact ? sectors : VhdGeometry.roundUp(sectors);
  }

  private void checkSize() {
    if (size > VhdFooter.LARGEST_DISK) {
      throw tooLarge(size);
    }
  }

  private static IllegalArgumentException tooLarge(long size) {
    return new IllegalArgumentException(
        "a VHD holds at most 2040 GiB, asked for are "
            + size
            + " bytes ("
            + Sizes.format(size)
            + ")");
  }

  Plan plan(Allocation allocation) throws IOException {
    return Plan.of(fixed ? fixed(allocation) : sparse(allocation));
  }

  private VhdFooter footer(long type, long dataOffset) {
    return new VhdFooter(
            VhdFooter.COOKIE,
            VhdFooter.FEATURES,
            VhdFooter.VERSION,
            dataOffset,
            VhdFooter.timestamp(blueprint.now()),
            CREATOR,
            CREATOR_VERSION,
            HOST,
            size,
            size,
            geometry.cylinders(),
            geometry.heads(),
            geometry.sectors(),
            type,
            0,
            Bytes.mixedEndian(blueprint.identities().get()),
            0,
            VhdFooter.STRUCT.blank().reserved())
        .sealed();
  }

  private PlannedFile fixed(Allocation allocation) {
    List<Piece> pieces = new ArrayList<>();
    for (int run = 0; run < allocation.count(); run++) {
      if (!allocation.isZero(run)) {
        long start = allocation.start(run);
        pieces.add(new Piece.Guest(start, allocation.end(run) - start, start));
      }
    }
    pieces.add(Piece.bytes(size, footer(VhdFooter.FIXED, NO_OFFSET).encode()));
    return PlannedFile.main(size + VhdFooter.SIZE, pieces);
  }

  private PlannedFile sparse(Allocation allocation) throws IOException {
    long blockSize = blockSize();
    boolean child = blueprint.backing().isPresent();
    long type = child ? VhdFooter.DIFFERENCING : VhdFooter.DYNAMIC;
    VhdFooter footer = footer(type, VhdFooter.SIZE);
    long behindHeader = VhdFooter.SIZE + VhdDynamicHeader.SIZE;
    VhdParent parent =
        child ? VhdParent.of(blueprint.backing().orElseThrow(), behindHeader) : VhdParent.NONE;
    VhdDynamicHeader header = header(blockSize, behindHeader + parent.size(), parent);
    long dataStart = header.tableOffset() + header.tableSize();
    var blocks = new VhdRuns(runs(allocation, child), blockSize, header.bitmapSize(), dataStart);
    if (blocks.end() / SECTOR > VhdDynamicHeader.FREE_ENTRY) {
      throw new IllegalArgumentException(
          "the file would have "
              + Sizes.format(blocks.end())
              + ", a VHD file with blocks ends before 2 TiB; use subformat=fixed");
    }
    List<Piece> start = new ArrayList<>();
    start.add(Piece.bytes(0, footer.encode()));
    start.add(Piece.bytes(VhdFooter.SIZE, VhdDynamicHeader.STRUCT.encode(header)));
    start.addAll(parent.pieces());
    if (header.entries() > 0) {
      start.add(new Piece.Metadata(header.tableOffset(), header.tableSize(), blocks::fillTable));
    }
    Piece end = Piece.bytes(blocks.end(), footer.encode());
    return PlannedFile.main(
        blocks.end() + VhdFooter.SIZE, new Pieces(List.copyOf(start), blocks, end));
  }

  private long blockSize() {
    long blockSize = options.size(VhdFormat.BLOCK_SIZE);
    if (blockSize < SECTOR || blockSize > LARGEST_BLOCK || Long.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException(
          "option block_size="
              + options.text(VhdFormat.BLOCK_SIZE)
              + ": expected a power of two from 512 to 1G");
    }
    if ((size + blockSize - 1) / blockSize >= VhdDynamicHeader.FREE_ENTRY) {
      throw new IllegalArgumentException(
          "a disk of " + size + " bytes has too many blocks of " + blockSize);
    }
    return blockSize;
  }

  private VhdDynamicHeader header(long blockSize, long tableOffset, VhdParent parent) {
    return new VhdDynamicHeader(
            VhdDynamicHeader.COOKIE,
            NO_OFFSET,
            tableOffset,
            VhdDynamicHeader.VERSION,
            (size + blockSize - 1) / blockSize,
            blockSize,
            0,
            parent.identity(),
            parent.timestamp(),
            0,
            parent.name(),
            parent.locators(),
            VhdDynamicHeader.STRUCT.blank().tail())
        .sealed();
  }

  /// The runs that have sectors of their own. A child has no mark for zeros: they are stored.
  private Allocation runs(Allocation allocation, boolean child) {
    var runs = new Allocation.Builder();
    Allocation whole = allocation.align(SECTOR);
    for (int run = 0; run < whole.count(); run++) {
      if (child || !whole.isZero(run)) {
        long end = (whole.end(run) + SECTOR - 1) & -SECTOR;
        runs.data(whole.start(run), end - whole.start(run));
      }
    }
    return runs.build(size);
  }

  /// What comes before the blocks, the blocks, and the footer.
  private static final class Pieces extends AbstractList<Piece> {
    private final List<Piece> start;
    private final List<Piece> blocks;
    private final Piece end;

    private Pieces(List<Piece> start, List<Piece> blocks, Piece end) {
      this.start = start;
      this.blocks = blocks;
      this.end = end;
    }

    @Override
    public int size() {
      return Math.addExact(start.size() + 1, blocks.size());
    }

    @Override
    public Piece get(int index) {
      if (index < start.size()) {
        return start.get(index);
      }
      int block = index - start.size();
      return block < blocks.size() ? blocks.get(block) : end;
    }
  }
}
