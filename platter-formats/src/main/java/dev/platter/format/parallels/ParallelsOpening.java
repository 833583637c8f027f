package dev.platter.format.parallels;

import dev.platter.format.parallels.ParallelsLayers.Layer;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Opens the files that a descriptor names, as far as they make up the current state.
final class ParallelsOpening {
  private final Storage storage;
  private final ParallelsDescriptor descriptor;
  private final OpenContext context;
  private final Set<Object> seen = new HashSet<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  ParallelsOpening(Storage storage, ParallelsDescriptor descriptor, OpenContext context) {
    this.storage = storage;
    this.descriptor = descriptor;
    this.context = context;
  }

  /// The parts of the disk. If this fails, all files are closed again.
  List<ParallelsLayers> parts() throws IOException {
    boolean done = false;
    try {
      List<ParallelsLayers> parts = open();
      done = true;
      return parts;
    } finally {
      if (!done) {
        closeAll(opened);
      }
    }
  }

  private List<ParallelsLayers> open() throws IOException {
    if (!descriptor.padding().equals("0") || descriptor.encrypted()) {
      String what = descriptor.encrypted() ? "encryption" : "padding";
      throw new ImageException.Unsupported(
          storage.name(), "descriptor asks for " + what + ", which is not known");
    }
    seen.add(storage.identity());
    List<UUID> chain = descriptor.chain(storage.name(), context.limits());
    List<ParallelsLayers> parts = new ArrayList<>();
    for (ParallelsDescriptor.Range range : descriptor.ranges()) {
      List<Layer> layers = new ArrayList<>();
      for (UUID guid : chain) {
        ParallelsDescriptor.Part part = range.part(guid).orElseThrow(() -> missing(range, guid));
        Access access = layers.isEmpty() ? context.access() : Access.READ;
        long least = layers.isEmpty() ? range.end() - range.start() : 0;
        layers.add(layer(range, part, access, least));
        if (part.plain() && layers.size() < chain.size()) {
          throw new ImageException.Corrupt(
              storage.name(), "descriptor has a plain file " + guid + " that is no root");
        }
      }
      parts.add(new ParallelsLayers(range.start(), range.end(), List.copyOf(layers)));
    }
    return List.copyOf(parts);
  }

  private ImageException missing(ParallelsDescriptor.Range range, UUID guid) {
    return new ImageException.Corrupt(
        storage.name(),
        "descriptor has no image "
            + guid
            + " in the storage from sector "
            + range.start() / ParallelsHeader.SECTOR);
  }

  /// Opens a file.
  ///
  /// @param least bytes that an image must hold: one from before the disk grew is smaller, and
  ///   zeros follow
  private Layer layer(
      ParallelsDescriptor.Range range, ParallelsDescriptor.Part part, Access access, long least)
      throws IOException {
    Storage file = context.references().open(part.name(), access);
    opened.add(file);
    if (!seen.add(file.identity())) {
      throw new ImageException.Corrupt(
          storage.name(), "descriptor names the file " + file.name() + " twice");
    }
    long length = range.end() - range.start();
    if (part.plain()) {
      if (file.size() < length) {
        throw tooSmall(file, file.size(), length);
      }
      return new Layer.Plain(file);
    }
    ParallelsImage image =
        ParallelsImage.open(file, context.with(access, OpenContext.Purpose.DATA));
    if (image.claimUnit() != range.cluster()) {
      throw new ImageException.Corrupt(
          file.name(),
          "has clusters of "
              + image.claimUnit()
              + " bytes, its descriptor says "
              + range.cluster());
    }
    if (image.size() < least) {
      throw tooSmall(file, image.size(), least);
    }
    return new Layer.Compressed(image);
  }

  private ImageException tooSmall(Storage file, long size, long length) {
    return new ImageException.Corrupt(
        file.name(), "holds " + size + " bytes, its descriptor says " + length);
  }

  /// What closes a file, and takes its mark back.
  static AutoCloseable closer(Layer layer) {
    return switch (layer) {
      case Layer.Plain(Storage plain) -> plain;
      case Layer.Compressed(ParallelsImage image) -> image;
    };
  }

  /// Closes all; the first failure is thrown when all are closed.
  static void closeAll(List<AutoCloseable> all) throws IOException {
    IOException first = null;
    for (AutoCloseable one : all) {
      try {
        one.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      } catch (Exception e) {
        throw new IllegalStateException("storages and images fail with nothing else", e);
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
