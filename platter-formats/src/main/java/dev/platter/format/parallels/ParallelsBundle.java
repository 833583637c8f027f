package dev.platter.format.parallels;

import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.HasGeometry;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A folder of files as one image: the parts of a split disk beside each other, and in each part
/// the current file on top of those of the snapshots.
final class ParallelsBundle implements Discarding, HasGeometry, Dumpable {
  private final Storage storage;
  private final ParallelsXml.Element root;
  private final ParallelsDescriptor descriptor;
  private final List<ParallelsLayers> parts;
  private final boolean writable;
  private final int unit;

  private ParallelsBundle(
      Storage storage,
      ParallelsXml.Element root,
      ParallelsDescriptor descriptor,
      List<ParallelsLayers> parts,
      OpenContext context) {
    this.storage = storage;
    this.root = root;
    this.descriptor = descriptor;
    this.parts = parts;
    this.writable = context.access().writes();
    long bounds = 1 << 30;
    for (ParallelsDescriptor.Range range : descriptor.ranges()) {
      bounds |= range.start() | range.cluster();
    }
    this.unit = (int) Long.lowestOneBit(bounds);
  }

  /// Opens a folder by its descriptor; the caller closes the descriptor if this fails.
  static ParallelsBundle open(Storage storage, OpenContext context) throws IOException {
    ParallelsXml.Element root = ParallelsXml.read(storage, context.limits());
    ParallelsDescriptor descriptor = ParallelsDescriptor.of(root, storage.name(), context.limits());
    List<ParallelsLayers> parts = List.of();
    if (context.purpose() != Purpose.INFO) {
      parts = new ParallelsOpening(storage, descriptor, context).parts();
    }
    return new ParallelsBundle(storage, root, descriptor, parts, context);
  }

  ParallelsDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public long size() {
    return descriptor.size();
  }

  @Override
  public int allocationUnit() {
    return unit;
  }

  private ParallelsLayers part(long offset) throws ImageException {
    if (parts.isEmpty()) {
      throw new ImageException.Unsupported(storage.name(), "was opened without its files");
    }
    int low = 0;
    int high = parts.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (parts.get(middle).start() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return parts.get(low);
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    ParallelsLayers part = part(offset);
    return part.map(offset - part.start(), length);
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    ParallelsLayers part = part(offset);
    return switch (part.top()) {
      case ParallelsLayers.Layer.Plain plain ->
          throw new IllegalStateException(plain.storage().name() + ": has all of its bytes");
      case ParallelsLayers.Layer.Compressed(ParallelsImage image) ->
          new Shifted(
              part.start(),
              image.reserve(offset - part.start(), Math.min(length, part.end() - offset)));
    };
  }

  /// Room in a file of a part.
  private record Shifted(long start, Reservation inner) implements Reservation {
    @Override
    public long offset() {
      return start + inner.offset();
    }

    @Override
    public long length() {
      return inner.length();
    }

    @Override
    public Storage storage() {
      return inner.storage();
    }

    @Override
    public long position() {
      return inner.position();
    }

    @Override
    public boolean zeroed() {
      return inner.zeroed();
    }

    @Override
    public void publish() throws IOException {
      inner.publish();
    }

    @Override
    public void cancel() throws IOException {
      inner.cancel();
    }
  }

  /// Gives clusters back where no snapshot would show through; elsewhere nothing changes, since
  /// there is no mark that hides what is below.
  @Override
  public void discard(long offset, long length) throws IOException {
    requireWritable();
    long end = Math.min(offset + length, size());
    for (long at = offset; at < end; ) {
      ParallelsLayers part = part(at);
      long to = Math.min(end, part.end());
      if (part.alone() && part.top() instanceof ParallelsLayers.Layer.Compressed(var image)) {
        image.discard(at - part.start(), to - at);
      }
      at = to;
    }
  }

  private void requireWritable() throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
  }

  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    for (ParallelsLayers part : parts) {
      if (part.top() instanceof ParallelsLayers.Layer.Compressed(var image)) {
        image.prepareToWrite();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    for (ParallelsLayers part : parts) {
      switch (part.top()) {
        case ParallelsLayers.Layer.Plain(Storage plain) -> plain.flush();
        case ParallelsLayers.Layer.Compressed(ParallelsImage image) -> image.flush();
      }
    }
  }

  @Override
  public void close() throws IOException {
    List<AutoCloseable> all = new ArrayList<>();
    for (ParallelsLayers part : parts) {
      part.files().forEach(layer -> all.add(ParallelsOpening.closer(layer)));
    }
    all.add(storage);
    ParallelsOpening.closeAll(all);
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public Optional<Geometry> physical() {
    Geometry geometry = descriptor.geometry();
    boolean known = geometry.cylinders() > 0 && geometry.heads() > 0 && geometry.sectors() > 0;
    return known ? Optional.of(geometry) : Optional.empty();
  }

  @Override
  public Optional<Geometry> logical() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    return ParallelsBundleInfo.info(descriptor, parts);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    ParallelsBundleInfo.dump(root, storage.size(), sink);
  }

  @Override
  public List<Storage> storages() {
    List<Storage> all = new ArrayList<>();
    all.add(storage);
    for (ParallelsLayers part : parts) {
      part.files().forEach(layer -> all.add(layer.storage()));
    }
    return List.copyOf(all);
  }

  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
