package dev.platter.format.vhdx;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.Identified;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// An open image.
final class VhdxImage
    implements Zeroing, Discarding, Identified, Describable, Claiming, Repairable, Dumpable {
  private volatile VhdxFile file;
  private final VhdxDisk disk;
  private final VhdxTables tables;
  private final VhdxBlocks blocks;
  private final boolean writable;
  private boolean modificationStays;

  private VhdxImage(VhdxFile file, boolean writable) {
    this.file = file;
    this.disk = file.disk();
    this.tables = new VhdxTables(file);
    this.blocks = new VhdxBlocks(file, tables);
    this.writable = writable;
  }

  static VhdxImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      VhdxFile file = VhdxFile.open(storage, context);
      if (file.disk().hasParent() && context.purpose() == OpenContext.Purpose.DATA) {
        String fault = file.disk().locator().orElseThrow().fault();
        if (!fault.isEmpty()) {
          throw new ImageException.Corrupt(storage.name(), "VHDX parent locator " + fault);
        }
      }
      var image = new VhdxImage(file, context.access().writes());
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  VhdxFile file() {
    return file;
  }

  VhdxTables tables() {
    return tables;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public int allocationUnit() {
    return (int) (disk.hasParent() ? disk.logicalSector() : disk.blockSize());
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    return tables.map(offset, Math.min(length, size() - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    return blocks.reserve(offset, length);
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    requireWritable();
    blocks.zero(offset, Math.min(length, size() - offset), room);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    requireWritable();
    blocks.discard(offset, Math.min(length, size() - offset));
  }

  private void requireWritable() throws ReadOnlyException {
    if (!writable) {
      throw new ReadOnlyException(file.storage().name(), "is opened read-only");
    }
  }

  @Override
  public void keepModification() {
    modificationStays = true;
  }

  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    blocks.prepare(modificationStays ? VhdxBlocks.Data.SAME : VhdxBlocks.Data.CHANGES);
  }

  @Override
  public void flush() throws IOException {
    blocks.flush();
  }

  @Override
  public void close() throws IOException {
    try {
      if (writable) {
        blocks.finish();
      }
    } finally {
      file.storage().close();
    }
  }

  @Override
  public Optional<ParentLink> parent() {
    VhdxDisk now = file.disk();
    return now.hasParent() ? now.locator().map(VhdxLocator::link) : Optional.empty();
  }

  @Override
  public UUID identity() {
    return file.disk().id().mixedEndian();
  }

  @Override
  public Optional<UUID> modification() {
    return Optional.of(file.headers().current().dataWrite().mixedEndian());
  }

  @Override
  public Set<Property> places() {
    return VhdxDescriber.places(file);
  }

  @Override
  public void describe(Description change) throws IOException {
    requireWritable();
    blocks.describe(change, file);
    file = file.again();
  }

  @Override
  public ImageInfo info() throws IOException {
    return VhdxInfo.of(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new VhdxDump(this, sink).dump();
  }

  @Override
  public int claimUnit() {
    return (int) VhdxFile.MIB;
  }

  /// What is free between places is found anew in every session; QEMU leaves 4 MiB free in front of
  /// the first block.
  @Override
  public Unclaimed unclaimed() {
    return Unclaimed.FREE;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    new VhdxCheck(file, tables).claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new VhdxCheck(file, tables).findings(sink);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    requireWritable();
    return new VhdxRepair(file, tables).repair(scope);
  }

  @Override
  public List<Storage> storages() {
    return List.of(file.storage());
  }

  /// Blocks are large, and what of them was never written is a hole.
  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public String toString() {
    return file.storage().name();
  }
}
