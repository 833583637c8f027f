package dev.platter.format.sparseimage;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// An open sparse image; it is only read.
final class SparseImage implements Claiming, Dumpable {
  private final Storage storage;
  private final HeaderNode header;
  private final Bands bands;

  SparseImage(Storage storage, HeaderNode header, Bands bands) {
    this.storage = storage;
    this.header = header;
    this.bands = bands;
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public int allocationUnit() {
    return HeaderNode.SECTOR;
  }

  @Override
  public Mapping map(long offset, long length) {
    int band = header.band();
    long number = offset / band;
    int index = bands.from(number);
    if (index == bands.count()) {
      return new Mapping.Zero(length);
    }
    if (bands.number(index) > number) {
      return new Mapping.Zero(Math.min(length, bands.number(index) * band - offset));
    }
    long inBand = offset - number * band;
    return new Mapping.Stored(
        storage, bands.position(index) + inBand, Math.min(length, band - inBand));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void prepareToWrite() throws IOException {
    throw readOnly();
  }

  private ReadOnlyException readOnly() {
    return new ReadOnlyException(storage.name(), "is a sparse image, which is only read");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("version", header.version());
    specific.put("band-size", (long) header.band());
    specific.put("bands", (long) bands.count());
    return new ImageInfo(
        OptionalLong.of(header.band()),
        false,
        false,
        false,
        false,
        Optional.of("UDSP"),
        List.of(),
        specific);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    for (int node = 0; node < bands.nodes().size(); node++) {
      long position = bands.nodes().get(node);
      if (node == 0) {
        dump(HeaderNode.STRUCT, header, position, sink);
      } else {
        dump(IndexNode.STRUCT, IndexNode.STRUCT.read(storage, position), position, sink);
      }
    }
    for (int band = 0; band < bands.count(); band++) {
      sink.begin("band " + bands.number(band), bands.position(band), 0);
      sink.field("position", bands.position(band), 0, bands.position(band), "");
      sink.end();
    }
  }

  private static <T> void dump(Struct<T> struct, T value, long position, Dump sink) {
    sink.begin(struct.name(), position, HeaderNode.NODE);
    for (Struct.Field field : struct.fields(value)) {
      Object shown = field.value() instanceof Long ? field.value() : field.value().toString();
      sink.field(field.name(), position + field.offset(), field.size(), shown, "");
    }
    sink.end();
  }

  @Override
  public int claimUnit() {
    return HeaderNode.SECTOR;
  }

  @Override
  public Unclaimed unclaimed() {
    return Unclaimed.FREE;
  }

  @Override
  public void claims(Consumer<Claim> sink) {
    for (long node : bands.nodes()) {
      sink.accept(new Claim("node", node, HeaderNode.NODE));
    }
    for (int band = 0; band < bands.count(); band++) {
      long length = Math.min(header.band(), size() - bands.number(band) * header.band());
      sink.accept(new Claim("band " + bands.number(band), bands.position(band), length));
    }
  }

  @Override
  public void findings(Consumer<Finding> sink) {
    // nothing is counted or summed up
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public void flush() {
    // never changed
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
