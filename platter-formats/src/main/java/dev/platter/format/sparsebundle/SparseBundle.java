package dev.platter.format.sparsebundle;

import dev.platter.image.Dumpable;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// A folder of bands as one image; it is only read. A band that has no file is zeros, and so is
/// what a shorter file does not have.
final class SparseBundle implements Dumpable {
  /// Band files that stay open.
  private static final int OPEN_FILES = 64;

  /// Bands without a file that are looked for at once.
  private static final int STEP = 1024;

  private static final byte[] ENCRYPTED = "encrcdsa".getBytes(StandardCharsets.US_ASCII);

  private final Storage storage;
  private final BundleInfo bundle;
  private final BandFiles bands;

  private SparseBundle(Storage storage, BundleInfo bundle, BandFiles bands) {
    this.storage = storage;
    this.bundle = bundle;
    this.bands = bands;
  }

  /// Opens a folder by its `Info.plist`; the caller closes that if this fails.
  static SparseBundle open(Storage storage, OpenContext context) throws IOException {
    BundleInfo bundle = BundleInfo.read(storage, context.limits());
    if (context.purpose() != OpenContext.Purpose.INFO) {
      refuseEncrypted(storage, context);
    }
    int files = Math.min(OPEN_FILES, context.limits().files());
    var bands = new BandFiles(storage, context.references(), bundle, files);
    return new SparseBundle(storage, bundle, bands);
  }

  /// The file `token` is empty, or has what is needed to decrypt the bands.
  private static void refuseEncrypted(Storage storage, OpenContext context) throws IOException {
    Optional<Storage> found = context.references().find("token", Access.READ);
    if (found.isEmpty()) {
      return;
    }
    try (Storage token = found.get()) {
      byte[] start = new byte[(int) Math.min(token.size(), ENCRYPTED.length)];
      token.read(0, MemorySegment.ofArray(start));
      if (Arrays.equals(start, ENCRYPTED)) {
        throw new ImageException.Unsupported(storage.name(), "is an encrypted sparse bundle");
      }
    }
  }

  @Override
  public long size() {
    return bundle.size();
  }

  @Override
  public int allocationUnit() {
    return 512;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long band = bundle.band();
    int number = (int) (offset / band);
    long inBand = offset % band;
    long there = bands.length(number);
    if (inBand < there) {
      return new Mapping.Stored(bands, offset, Math.min(length, Math.min(there, band) - inBand));
    }
    long run = Math.min(length, band - inBand);
    for (int next = number + 1; run < length && next - number < STEP; next++) {
      if (bands.length(next) > 0) {
        break;
      }
      run = Math.min(length, run + band);
    }
    return new Mapping.Zero(run);
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
    return new ReadOnlyException(storage.name(), "is a sparse bundle, which is only read");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("version", bundle.version());
    specific.put("band-size", bundle.band());
    return new ImageInfo(
        OptionalLong.of(bundle.band()),
        false,
        false,
        false,
        false,
        Optional.of("UDSB"),
        List.of(),
        specific);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    sink.begin("property list", 0, storage.size());
    sink.field("bundle-backingstore-version", 0, 0, bundle.version(), "");
    sink.field("band-size", 0, 0, bundle.band(), "");
    sink.field("size", 0, 0, bundle.size(), "");
    sink.end();
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage, bands);
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
    try (storage;
        bands) {
      // both, whatever happens
    }
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
