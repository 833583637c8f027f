package dev.platter.format.vhdx;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.ImageException;
import dev.platter.image.Property;
import dev.platter.io.Overlay;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;

/// Changes what an image says about itself and its parent: metadata through the log, in one entry,
/// and the data-write GUID in the header that makes the entry count.
final class VhdxDescriber {
  private final VhdxFile file;
  private final VhdxDisk disk;
  private final VhdxTables tables;
  private final Storage storage;

  VhdxDescriber(VhdxFile file, VhdxTables tables) {
    this.file = file;
    this.disk = file.disk();
    this.tables = tables;
    this.storage = file.storage();
  }

  /// What an image has a place for.
  static Set<Property> places(VhdxFile file) {
    Set<Property> places = EnumSet.of(Property.IDENTITY, Property.MODIFICATION);
    VhdxDisk disk = file.disk();
    boolean room = 8 * disk.chunks() * (disk.chunkBlocks() + 1) <= file.bat().length();
    if (disk.hasParent() || (room && !disk.leaveAllocated())) {
      places.add(Property.PARENT);
    }
    if (places.contains(Property.PARENT)) {
      places.add(Property.PARENT_MODIFICATION);
    }
    return places;
  }

  /// Makes the change, durable when this returns. Nothing else is in the log.
  void apply(Description change, VhdxLog log) throws IOException {
    change.checkPlaces(places(file), "a " + disk.variant() + " VHDX image");
    var changes = new Overlay(storage, 0);
    if (change.identity().isPresent()) {
      VhdxItem item = item(VhdxItem.DISK_ID).orElseThrow();
      write(changes, item.offset(), uuid(change.identity().get()).toArray());
    }
    if (change.parent().isPresent() || change.parentModification().isPresent()) {
      parent(changes, change);
    }
    Bytes state = change.modification().map(VhdxDescriber::uuid).orElse(current().dataWrite());
    SequencedMap<Long, byte[]> sectors = changes.drain(_ -> true);
    if (sectors.size() > VhdxLogEntry.IN_FIRST_SECTOR) {
      throw new IllegalArgumentException("the parent's name is too long for a VHDX image");
    }
    log.describe(sectors, state);
  }

  private VhdxHeader current() {
    return file.headers().current();
  }

  private static Bytes uuid(UUID uuid) {
    if (uuid.equals(Description.NO_UUID)) {
      throw new IllegalArgumentException("a VHDX image must have GUIDs that are not all zeros");
    }
    return Bytes.mixedEndian(uuid);
  }

  private Optional<VhdxItem> item(Bytes id) {
    return disk.items().stream()
        .filter(item -> item.id().equals(id) && (item.flags() & VhdxItem.USER) == 0)
        .findFirst();
  }

  private void write(Storage changes, long offset, byte[] bytes) throws IOException {
    changes.write(file.metadata().offset() + offset, MemorySegment.ofArray(bytes));
  }

  private void parent(Storage changes, Description change) throws IOException {
    if (change.orphans()) {
      requireWholeBlocks();
      parameters(changes, 0);
      table(changes, Optional.empty());
      return;
    }
    byte[] locator = locator(change).encode();
    parameters(changes, VhdxDisk.HAS_PARENT);
    VhdxItem old = item(VhdxItem.LOCATOR).orElse(new VhdxItem(VhdxItem.LOCATOR, 0, 0, 0, 0));
    long offset = locator.length <= old.length() ? old.offset() : behindItems();
    if (offset + locator.length > file.metadata().length()) {
      throw new IllegalArgumentException(
          "the VHDX image has no room for a parent locator of " + locator.length + " bytes");
    }
    write(changes, offset, locator);
    table(
        changes,
        Optional.of(new VhdxItem(VhdxItem.LOCATOR, offset, locator.length, VhdxItem.REQUIRED, 0)));
  }

  private VhdxLocator locator(Description change) {
    Optional<UUID> state = change.parentModification();
    if (state.equals(Optional.of(Description.NO_UUID))) {
      throw new IllegalArgumentException("a VHDX image names its parent by a GUID of its state");
    }
    Optional<VhdxLocator> old = disk.hasParent() ? disk.locator() : Optional.empty();
    if (change.newParent().isEmpty()) {
      return old.orElseThrow(() ->
              new IllegalArgumentException(
                  "the VHDX image has no parent whose state it could name"))
          .with(state.orElseThrow());
    }
    Backing backing = change.newParent().get();
    UUID linkage =
        state
            .or(() -> backing.image().map(_ -> VhdxPlan.state(backing)))
            .or(() -> old.flatMap(locator -> locator.guid(VhdxLocator.LINKAGE)))
            .orElseGet(() -> VhdxPlan.state(backing));
    return VhdxLocator.of(backing.name(), linkage);
  }

  /// Without a parent no block can be present in part.
  private void requireWholeBlocks() throws IOException {
    for (long block = 0; block < disk.blocks(); ) {
      if (VhdxTables.state(tables.entry(block)) == VhdxTables.PARTIAL) {
        throw new ImageException.Unsupported(
            storage.name(),
            "block " + block + " is partly its parent's, so that it cannot do without one");
      }
      block += tables.run(block, disk.blocks() - block);
    }
  }

  private void parameters(Storage changes, long parent) throws IOException {
    long flags = (disk.leaveAllocated() ? VhdxDisk.LEAVE_ALLOCATED : 0) | parent;
    var bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(disk.blockSize() | flags << 32);
    write(changes, item(VhdxItem.PARAMETERS).orElseThrow().offset(), bytes.array());
  }

  private long behindItems() {
    long end = VhdxMetadata.TABLE;
    for (VhdxItem item : disk.items()) {
      end = Math.max(end, item.offset() + item.length());
    }
    return end;
  }

  /// Writes the table with this locator or none; unused entries become zeros.
  private void table(Storage changes, Optional<VhdxItem> locator) throws IOException {
    List<VhdxItem> items = new ArrayList<>(disk.items());
    item(VhdxItem.LOCATOR).ifPresent(items::remove);
    locator.ifPresent(items::add);
    int entries = Math.max(items.size(), disk.items().size());
    if (VhdxMetadata.position(entries) > VhdxMetadata.TABLE) {
      throw new IllegalArgumentException("the VHDX image's metadata table is full");
    }
    byte[] table = new byte[VhdxMetadata.position(entries)];
    byte[] head =
        VhdxMetadata.Head.STRUCT.encode(
            new VhdxMetadata.Head(VhdxMetadata.SIGNATURE, 0, items.size(), Bytes.zeros(20)));
    System.arraycopy(head, 0, table, 0, head.length);
    for (int i = 0; i < items.size(); i++) {
      byte[] entry = VhdxItem.STRUCT.encode(items.get(i));
      System.arraycopy(entry, 0, table, VhdxMetadata.position(i), entry.length);
    }
    write(changes, 0, table);
  }
}
