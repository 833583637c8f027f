package dev.platter.format.cloop;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// An open compressed loop image.
final class CloopImage implements Dumpable, Claiming {
  private static final int PAGE = 4096;

  /// Deflate makes nothing smaller than a 1032nd; what claims more is not worth the memory.
  private static final int BEST_RATIO = 1032;

  private final Storage storage;
  private final CloopHeader header;
  private final TableCache offsets;
  private final CloopDecoder decoder = new CloopDecoder();

  private CloopImage(Storage storage, CloopHeader header, long memory) {
    this.storage = storage;
    this.header = header;
    this.offsets =
        new TableCache(storage, ByteOrder.BIG_ENDIAN, CloopHeader.STRUCT.size(), PAGE, memory);
  }

  static CloopImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      if (context.access().writes()) {
        throw new ReadOnlyException(storage.name(), "is a compressed loop, which is only read");
      }
      CloopHeader header = CloopHeader.read(storage, context.limits());
      var image = new CloopImage(storage, header, context.limits().tableCache());
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
    return header.blocks() * header.blockSize();
  }

  @Override
  public int allocationUnit() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long block = offset / header.blockSize();
    int skip = (int) (offset % header.blockSize());
    long run = Math.min(length, header.blockSize() - skip);
    return new Mapping.Encoded(run, skip, unit(block));
  }

  private long position(long block) {
    return CloopHeader.STRUCT.size() + Long.BYTES * block;
  }

  private Mapping.EncodedUnit unit(long block) throws IOException {
    long start = offsets.getLong(position(block));
    long end = offsets.getLong(position(block + 1));
    if (start < header.tableEnd() || end <= start || end > storage.size()) {
      throw corrupt(
          block,
          "goes from "
              + Long.toUnsignedString(start)
              + " to "
              + Long.toUnsignedString(end)
              + " as position "
              + position(block)
              + " says, which is not in the data");
    }
    // what does not get smaller gets a little larger
    long most = header.blockSize() + header.blockSize() / 100 + 1024;
    if (end - start > most) {
      throw corrupt(
          block, "has " + (end - start) + " bytes, more than the largest possible " + most);
    }
    if ((end - start) * BEST_RATIO < header.blockSize()) {
      throw corrupt(block, "has only " + (end - start) + " bytes for " + header.blockSize());
    }
    return new Mapping.EncodedUnit(
        storage,
        start,
        (int) (end - start),
        (int) header.blockSize(),
        (stored, unit) -> {
          if (!decoder.decode(stored, unit)) {
            throw corrupt(block, "does not decode to " + header.blockSize() + " bytes");
          }
        });
  }

  private ImageException corrupt(long block, String what) {
    return new ImageException.Corrupt(storage.name(), "block " + block + " " + what);
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
    var specific = new LinkedHashMap<String, Object>();
    specific.put("version", "2.0");
    specific.put("blocks", header.blocks());
    return new ImageInfo(
        OptionalLong.of(header.blockSize()),
        false,
        false,
        false,
        true,
        Optional.empty(),
        List.of(),
        specific);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    sink.begin(CloopHeader.STRUCT.name(), 0, CloopHeader.STRUCT.size());
    for (var field : CloopHeader.STRUCT.fields(header)) {
      Object value = field.name().equals("script") ? header.text() : field.value();
      sink.field(field.name(), field.offset(), field.size(), value, "");
    }
    sink.end();
    sink.begin("offsets", CloopHeader.STRUCT.size(), header.tableBytes());
    for (long block = 0; block <= header.blocks(); block++) {
      String name = block == header.blocks() ? "end" : "block " + block;
      sink.field(name, position(block), Long.BYTES, offsets.getLong(position(block)), "");
    }
    sink.end();
  }

  @Override
  public int claimUnit() {
    return 1;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("header and offsets", 0, header.tableEnd()));
    for (long block = 0; block < header.blocks(); block++) {
      long start = offsets.getLong(position(block));
      long end = offsets.getLong(position(block + 1));
      if (start >= 0 && end > start) {
        sink.accept(new Claim("block " + block, start, end - start));
      }
    }
  }

  /// Decodes everything: each block has a checksum.
  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    for (long at = 0; at < header.blocks(); at++) {
      try {
        Mapping.EncodedUnit unit = unit(at);
        MemorySegment stored = MemorySegment.ofArray(new byte[unit.stored()]);
        storage.read(unit.position(), stored);
        unit.decoder().decode(stored, MemorySegment.ofArray(new byte[unit.size()]));
      } catch (ImageException e) {
        sink.accept(
            Finding.corruption(e.getMessage(), "it cannot be read, at " + at * header.blockSize()));
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
    decoder.close();
    storage.close();
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
