package dev.platter.format.bochs;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import dev.platter.map.SectorBitmap;
import dev.platter.map.TableCache;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// An open growing image.
final class BochsImage implements Dumpable, Claiming {
  /// A catalog's entry of an extent that the image does not have.
  private static final long FREE = 0xffff_ffffL;

  private static final int PAGE = 4096;

  private final Storage storage;
  private final BochsHeader header;
  private final TableCache catalog;
  private final SectorBitmap bitmaps;

  private BochsImage(Storage storage, BochsHeader header, long memory) {
    this.storage = storage;
    this.header = header;
    this.catalog =
        new TableCache(storage, ByteOrder.LITTLE_ENDIAN, header.headerSize(), PAGE, memory / 2);
    this.bitmaps =
        new SectorBitmap(
            new TableCache(
                storage, ByteOrder.LITTLE_ENDIAN, header.dataPosition(), PAGE, memory / 2),
            SectorBitmap.Order.LOW_FIRST);
  }

  static BochsImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      if (context.access().writes()) {
        throw new ReadOnlyException(storage.name(), "is an image of Bochs, which is only read");
      }
      BochsHeader header = BochsHeader.read(storage, context.limits());
      if (!header.isGrowing() && context.purpose() == Purpose.DATA) {
        throw new ImageException.Unsupported(
            storage.name(),
            "has the changes of another disk, which it does not name (subtype '"
                + BochsHeader.text(header.subtype())
                + "')");
      }
      var image = new BochsImage(storage, header, context.limits().tableCache());
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public int allocationUnit() {
    return BochsHeader.SECTOR;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long wanted = Math.min(length, size() - offset);
    long extent = offset / header.extentBytes();
    long within = offset % header.extentBytes();
    long entry = entry(extent);
    if (entry == FREE) {
      long last = (offset + wanted - 1) / header.extentBytes();
      long free = catalog.countInts(position(extent), last - extent + 1, FREE, 0);
      return new Mapping.Unallocated(Math.min(wanted, free * header.extentBytes() - within));
    }
    long place = place(extent, entry);
    long sector = within / BochsHeader.SECTOR;
    long end = Math.min(within + wanted, header.extentBytes());
    long sectors = (end + BochsHeader.SECTOR - 1) / BochsHeader.SECTOR - sector;
    boolean stored = bitmaps.get(place, sector);
    long run = bitmaps.run(place, sector, sectors, stored);
    long bytes = Math.min(wanted, (sector + run) * BochsHeader.SECTOR - within);
    return stored
        ? new Mapping.Stored(storage, place + header.bitmapRoom() + within, bytes)
        : new Mapping.Unallocated(bytes);
  }

  private long position(long extent) {
    return header.headerSize() + 4 * extent;
  }

  private long entry(long extent) throws IOException {
    return catalog.getInt(position(extent));
  }

  /// Where an extent's bitmap is.
  private long place(long extent, long entry) throws IOException {
    long place = header.dataPosition() + entry * header.room();
    if (place > storage.size() - header.bitmapRoom()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has "
              + entry
              + " in the catalog for extent "
              + extent
              + " at position "
              + position(extent)
              + ", which would be behind the file's end");
    }
    return place;
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw new ReadOnlyException(storage.name(), "is only read");
  }

  @Override
  public void prepareToWrite() throws IOException {
    throw new ReadOnlyException(storage.name(), "is only read");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("version", header.version() == BochsHeader.VERSION_1 ? 1L : 2L);
    specific.put("subtype", BochsHeader.text(header.subtype()));
    specific.put("catalog-entries", header.catalogEntries());
    specific.put("bitmap-size", header.bitmapBytes());
    return new ImageInfo(
        OptionalLong.of(header.extentBytes()),
        false,
        false,
        false,
        false,
        Optional.of(BochsHeader.text(header.subtype())),
        List.of(),
        specific);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    sink.begin(BochsHeader.STRUCT.name(), 0, header.headerSize());
    for (Struct.Field field : BochsHeader.STRUCT.fields(header)) {
      Object value = field.value() instanceof Bytes bytes ? BochsHeader.text(bytes) : field.value();
      sink.field(field.name(), field.offset(), field.size(), value, "");
    }
    sink.end();
    sink.begin("catalog", header.headerSize(), 4 * header.catalogEntries());
    for (long extent = 0; extent < header.catalogEntries(); extent++) {
      long entry = entry(extent);
      if (entry == FREE) {
        extent +=
            catalog.countInts(position(extent), header.catalogEntries() - extent, FREE, 0) - 1;
      } else {
        long place = header.dataPosition() + entry * header.room();
        sink.field("extent " + extent, position(extent), 4, entry, "bitmap at " + place);
      }
    }
    sink.end();
  }

  @Override
  public int claimUnit() {
    return BochsHeader.SECTOR;
  }

  @Override
  public long claimBase() {
    return header.dataPosition();
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("header and catalog", 0, header.dataPosition()));
    for (long extent = 0; extent < header.catalogEntries(); extent++) {
      long entry = entry(extent);
      if (entry != FREE) {
        long place = header.dataPosition() + entry * header.room();
        // the last extent may be cut off where nothing was written yet
        long there = Math.min(header.room(), storage.size() - place);
        long length = there < header.bitmapRoom() ? header.room() : there;
        sink.accept(new Claim("extent " + extent, place, length));
      }
    }
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    long sectors = header.extentBytes() / BochsHeader.SECTOR;
    for (long extent = 0; extent < header.catalogEntries(); extent++) {
      long entry = entry(extent);
      long place = header.dataPosition() + entry * header.room();
      long data = storage.size() - place - header.bitmapRoom();
      if (entry != FREE && data >= 0 && data < header.extentBytes()) {
        long there = data / BochsHeader.SECTOR;
        if (bitmaps.run(place, there, sectors - there, false) < sectors - there) {
          sink.accept(
              Finding.corruption(
                  "the bitmap of extent " + extent + " has sectors behind the file's end",
                  "they cannot be read"));
        }
      }
    }
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return false;
  }

  @Override
  public void flush() {
    // nothing is ever changed
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
