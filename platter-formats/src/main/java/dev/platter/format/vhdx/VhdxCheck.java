package dev.platter.format.vhdx;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// What belongs to whom in an image, and what is wrong with it.
final class VhdxCheck {
  private static final long BEFORE_FIRST_BLOCK = 4 * VhdxFile.MIB;

  private final VhdxFile file;
  private final VhdxDisk disk;
  private final VhdxTables tables;

  VhdxCheck(VhdxFile file, VhdxTables tables) {
    this.file = file;
    this.disk = file.disk();
    this.tables = tables;
  }

  void claims(Consumer<Claim> sink) throws IOException {
    reserved(sink);
    for (long block = 0; block < disk.blocks(); ) {
      long entry = tables.entry(block);
      boolean placed = VhdxTables.isStored(VhdxTables.state(entry)) || isKept(entry);
      if (placed) {
        sink.accept(new Claim(name(block), VhdxTables.place(entry), disk.blockSize()));
      }
      block += placed ? 1 : tables.run(block, disk.blocks() - block);
    }
    for (long chunk = 0; disk.hasParent() && chunk < disk.chunks(); chunk++) {
      long entry = tables.bitmapEntry(chunk);
      if (VhdxTables.state(entry) == VhdxTables.FULL) {
        sink.accept(new Claim("sector bitmap " + chunk, VhdxTables.place(entry), VhdxFile.MIB));
      }
    }
  }

  /// What is neither a block nor a bitmap.
  void reserved(Consumer<Claim> sink) {
    VhdxHeader header = file.headers().current();
    sink.accept(new Claim("headers", 0, VhdxFile.MIB));
    sink.accept(new Claim("log", header.logOffset(), header.logLength()));
    for (VhdxRegion region : file.regions().regions()) {
      sink.accept(new Claim(region.name(), region.offset(), region.length()));
    }
  }

  /// Whether a block without bytes keeps a place inside the file.
  boolean isKept(long entry) throws IOException {
    int state = VhdxTables.state(entry);
    boolean may = state == VhdxTables.UNDEFINED || state == VhdxTables.UNMAPPED;
    long place = VhdxTables.place(entry);
    return may && place >= VhdxFile.MIB && place <= file.view().size() - disk.blockSize();
  }

  private String name(long block) {
    return "block " + block + " (disk offset " + block * disk.blockSize() + ")";
  }

  void findings(Consumer<Finding> sink) throws IOException {
    file.headers().findings(sink);
    tail().ifPresent(sink);
    for (long position : new long[] {VhdxRegionTable.FIRST, VhdxRegionTable.SECOND}) {
      brokenTable(position).ifPresent(sink);
    }
    if (disk.hasParent()) {
      String fault = disk.locator().orElseThrow().fault();
      if (!fault.isEmpty()) {
        sink.accept(
            Finding.corruption("the parent locator " + fault, "the parent cannot be found"));
      }
    }
    for (long block = 0; block < disk.blocks(); ) {
      String fault = fault(block);
      if (!fault.isEmpty()) {
        sink.accept(finding(block, fault));
      }
      block += fault.isEmpty() ? tables.run(block, disk.blocks() - block) : 1;
    }
  }

  /// What is behind the last place. It is no leak that QEMU leaves 4 MiB before the first block.
  private Optional<Finding> tail() throws IOException {
    long[] reserved = {0};
    reserved(claim -> reserved[0] = Math.max(reserved[0], claim.end()));
    long[] end = {0};
    claims(claim -> end[0] = Math.max(end[0], claim.end()));
    long size = file.view().size();
    long room = end[0] == reserved[0] ? BEFORE_FIRST_BLOCK : 0;
    return disk.isFixed() || end[0] < 0 || size - end[0] <= room
        ? Optional.empty()
        : Optional.of(
            Finding.leak("nothing refers to the file's last " + (size - end[0]) + " bytes"));
  }

  /// A copy of the region table that is not whole.
  Optional<Finding> brokenTable(long position) throws IOException {
    return VhdxRegionTable.read(file.view(), position).isPresent()
        ? Optional.empty()
        : Optional.of(
            Finding.corruption(
                "the region table at " + position + " has not its signature and checksum",
                "damage to the other copy would lose the image"));
  }

  /// What is wrong with a block's entry by itself; empty if nothing is.
  String fault(long block) throws IOException {
    int state = VhdxTables.state(tables.entry(block));
    if (state == VhdxTables.PARTIAL) {
      if (!disk.hasParent()) {
        return "says that the block is partly present, and there is no parent";
      }
      return tables.hasBitmap(block)
          ? ""
          : "says that the block is partly present, and its chunk has no sector bitmap";
    }
    boolean known = state == VhdxTables.FULL || state == VhdxTables.NOT_PRESENT;
    return known || VhdxTables.isZeros(state) ? "" : "has the unknown state " + state;
  }

  Finding finding(long block, String fault) throws IOException {
    long offset = block * disk.blockSize();
    return Finding.corruption(
        "BAT entry 0x"
            + Long.toHexString(tables.entry(block))
            + " of block "
            + block
            + " at "
            + tables.position(disk.index(block))
            + " "
            + fault,
        "disk offsets " + offset + " to " + (offset + disk.bytesOf(block)) + " cannot be read");
  }
}
