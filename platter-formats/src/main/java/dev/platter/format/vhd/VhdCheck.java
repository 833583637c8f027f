package dev.platter.format.vhd;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// What an image's structures own, and what is wrong with them. Looks at what is on disk.
///
/// @param file the structures, as they were when the image was opened
record VhdCheck(VhdFile file) {

  /// Hands over every structure's range.
  void claims(Consumer<Claim> sink) throws IOException {
    Optional<VhdFile.Placed> footer = VhdFile.trailing(file.storage());
    if (file.header().isEmpty()) {
      if (file.footer().size() > 0) {
        sink.accept(new Claim("disk", 0, file.footer().size()));
      }
    } else {
      sparse(sink);
    }
    if (footer.isPresent()) {
      long rest = file.storage().size() - footer.get().position();
      sink.accept(new Claim("footer", footer.get().position(), rest));
    }
  }

  private void sparse(Consumer<Claim> sink) throws IOException {
    VhdDynamicHeader header = file.blocks();
    sink.accept(new Claim("copy of the footer", 0, VhdFooter.SIZE));
    sink.accept(new Claim("dynamic header", file.footer().dataOffset(), VhdDynamicHeader.SIZE));
    if (header.entries() > 0) {
      sink.accept(new Claim("block allocation table", header.tableOffset(), header.tableSize()));
    }
    for (VhdLocator locator : header.locators()) {
      if (locator.isUsed() && locator.isInside(file.storage().size())) {
        String owner = "parent locator " + locator.platform();
        sink.accept(new Claim(owner, locator.offset(), room(locator)));
      }
    }
    spare(sink);
    if (file.batmap().isPresent()) {
      VhdBatmapHeader batmap = file.batmap().get();
      sink.accept(new Claim("batmap header", VhdFile.batmapPosition(header), VhdBatmapHeader.SIZE));
      sink.accept(new Claim("batmap", batmap.offset(), batmap.mapSectors() * VhdFooter.SECTOR));
    }
    VhdTables tables = new VhdTables(file);
    for (long block = tables.next(0); block < tables.blocks(); block = tables.next(block + 1)) {
      long place = tables.entry(block) * VhdFooter.SECTOR;
      sink.accept(new Claim("block " + block, place, header.stride()));
    }
  }

  /// What is left between header and table, where names of a parent have their place.
  private void spare(Consumer<Claim> sink) throws IOException {
    VhdDynamicHeader header = file.blocks();
    long end = file.footer().dataOffset() + VhdDynamicHeader.SIZE;
    for (VhdLocator locator : header.locators()) {
      if (locator.isUsed()
          && locator.isInside(file.storage().size())
          && locator.offset() < header.tableOffset()) {
        end = Math.max(end, locator.offset() + room(locator));
      }
    }
    if (end < header.tableOffset()) {
      sink.accept(new Claim("room for names", end, header.tableOffset() - end));
    }
  }

  /// The room of a name: what the locator says, in sectors or bytes, if that can be.
  private long room(VhdLocator locator) {
    long whole = up(locator.length());
    long said =
        locator.space() < VhdFooter.SECTOR ? locator.space() * VhdFooter.SECTOR : locator.space();
    boolean can =
        said >= whole
            && said <= 16L * VhdLocator.LONGEST
            && locator.offset() + said <= file.metadataEnd();
    return can ? said : whole;
  }

  private static long up(long length) {
    return (length + VhdFooter.SECTOR - 1) & -VhdFooter.SECTOR;
  }

  /// Hands over what is wrong with footers, header, locators and batmap.
  void findings(Consumer<Finding> sink) throws IOException {
    footers(sink);
    if (file.header().isPresent()) {
      header(sink);
      batmap(sink);
    }
  }

  private void footers(Consumer<Finding> sink) throws IOException {
    Optional<VhdFile.Placed> trailing = VhdFile.trailing(file.storage());
    if (trailing.isEmpty()) {
      sink.accept(
          Finding.corruption(
              "no footer at the end of the file, at " + file.storage().size(),
              "the copy at 0 is used"));
    } else {
      checksum(sink, "footer", trailing.get());
    }
    if (file.header().isEmpty()) {
      return;
    }
    Optional<VhdFile.Placed> leading = VhdFile.at(file.storage(), 0);
    if (leading.isEmpty()) {
      sink.accept(Finding.corruption("no copy of the footer at 0", ""));
    } else {
      checksum(sink, "copy of the footer", leading.get());
    }
    boolean differ =
        trailing.isPresent()
            && leading.isPresent()
            && trailing.get().footer().isSound()
            && leading.get().footer().isSound()
            && !same(trailing.get().footer(), leading.get().footer());
    if (differ) {
      sink.accept(
          Finding.corruption("the footer and its copy at 0 differ", "the footer is believed"));
    }
  }

  /// A saved machine state may be noted in one of them only.
  private static boolean same(VhdFooter footer, VhdFooter copy) {
    return footer.size() == copy.size()
        && footer.type() == copy.type()
        && footer.identity().equals(copy.identity())
        && footer.dataOffset() == copy.dataOffset();
  }

  private static void checksum(Consumer<Finding> sink, String what, VhdFile.Placed placed) {
    VhdFooter footer = placed.footer();
    if (!footer.isSound()) {
      sink.accept(
          Finding.corruption(
              VhdFile.wrong(what, placed.position(), footer.checksum(), footer.computed()), ""));
    }
  }

  private void header(Consumer<Finding> sink) {
    VhdDynamicHeader header = file.blocks();
    long position = file.footer().dataOffset();
    if (!header.isSound()) {
      sink.accept(
          Finding.corruption(
              VhdFile.wrong("dynamic header", position, header.checksum(), header.computed()), ""));
    }
  }

  private void batmap(Consumer<Finding> sink) throws IOException {
    VhdTables tables = new VhdTables(file);
    if (tables.batmap().isEmpty()) {
      return;
    }
    VhdBatmap batmap = tables.batmap().get();
    long computed = batmap.computed();
    if (batmap.header().checksum() != computed) {
      long position = VhdFile.batmapPosition(file.blocks());
      sink.accept(
          Finding.corruption(
              VhdFile.wrong("batmap", position, batmap.header().checksum(), computed), ""));
    }
    for (long block = 0; block < tables.blocks(); block++) {
      if (batmap.get(block) && !isFull(tables, block)) {
        sink.accept(
            Finding.corruption(
                "the batmap says that block " + block + " is full, which it is not",
                "XenServer reads what is not in the image"));
      }
    }
  }

  private boolean isFull(VhdTables tables, long block) throws IOException {
    long entry = tables.entry(block);
    long place = entry * VhdFooter.SECTOR;
    return entry != VhdDynamicHeader.FREE_ENTRY
        && tables.isPlace(block, place, file.storage().size())
        && tables.count(place) == file.blocks().blockSize() / VhdFooter.SECTOR;
  }
}
