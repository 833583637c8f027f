package dev.platter.format.dmg;

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
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// An open disk image. It is never changed in place: its checksums cover everything.
final class DmgImage implements Claiming, Dumpable {
  private final Storage storage;
  private final long trailerPosition;
  private final KolyTrailer trailer;
  private final List<Partition> partitions;
  private final ChunkMap chunks;
  private final long size;
  private final DmgDecoder decoder;

  DmgImage(
      Storage storage,
      long trailerPosition,
      KolyTrailer trailer,
      List<Partition> partitions,
      ChunkMap chunks,
      long size) {
    this.storage = storage;
    this.trailerPosition = trailerPosition;
    this.trailer = trailer;
    this.partitions = List.copyOf(partitions);
    this.chunks = chunks;
    this.size = size;
    this.decoder = new DmgDecoder(storage.name());
  }

  Storage storage() {
    return storage;
  }

  long trailerPosition() {
    return trailerPosition;
  }

  KolyTrailer trailer() {
    return trailer;
  }

  List<Partition> partitions() {
    return partitions;
  }

  ChunkMap chunks() {
    return chunks;
  }

  DmgDecoder decoder() {
    return decoder;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int allocationUnit() {
    return KolyTrailer.SECTOR;
  }

  @Override
  public Mapping map(long offset, long length) {
    int chunk = chunks.after(offset);
    if (chunk == chunks.count()) {
      return new Mapping.Zero(length);
    }
    if (chunks.start(chunk) > offset) {
      return new Mapping.Zero(Math.min(length, chunks.start(chunk) - offset));
    }
    long start = chunks.start(chunk);
    long run = Math.min(length, chunks.end(chunk) - offset);
    ChunkKind kind = chunks.kind(chunk);
    if (kind.zeros()) {
      return new Mapping.Zero(run);
    }
    long position = chunks.position(chunk);
    if (kind == ChunkKind.RAW) {
      return new Mapping.Stored(storage, position + offset - start, run);
    }
    var unit =
        new Mapping.EncodedUnit(
            storage,
            position,
            (int) chunks.length(chunk),
            (int) (chunks.end(chunk) - start),
            (stored, target) -> decoder.decode(kind, start, stored, target));
    return new Mapping.Encoded(run, (int) (offset - start), unit);
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
    return new ReadOnlyException(
        storage.name(), "is a DMG image, whose checksums do not let it be changed in place");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    return DmgDescription.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    DmgDescription.dump(this, sink);
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
  public int claimUnit() {
    return 1;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    new DmgCheck(this).claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new DmgCheck(this).findings(sink);
  }

  @Override
  public void flush() {
    // never changed
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
