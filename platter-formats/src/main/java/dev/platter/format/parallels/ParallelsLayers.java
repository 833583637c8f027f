package dev.platter.format.parallels;

import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;

/// A part of a disk in a folder: the file that is written and the ones that show through it.
///
/// @param start where the part starts on the disk
/// @param end where it ends
/// @param files the current one first
record ParallelsLayers(long start, long end, List<Layer> files) {

  /// A file of the part.
  sealed interface Layer {
    /// The file.
    Storage storage();

    /// An image.
    record Compressed(ParallelsImage image) implements Layer {
      @Override
      public Storage storage() {
        return image.storages().getFirst();
      }
    }

    /// The bytes as they are.
    record Plain(Storage storage) implements Layer {}
  }

  /// The file that is written.
  Layer top() {
    return files.getFirst();
  }

  /// Whether nothing shows through the file that is written.
  boolean alone() {
    return files.size() == 1;
  }

  /// The longest run from an offset of the part on; what other files have is shared.
  Mapping map(long offset, long length) throws IOException {
    long rest = Math.min(length, end - start - offset);
    for (int depth = 0; depth < files.size(); depth++) {
      Mapping found = map(files.get(depth), offset, rest);
      if (found instanceof Mapping.Unallocated) {
        rest = found.length();
      } else if (depth == 0 || !(found instanceof Mapping.Stored stored)) {
        return found;
      } else {
        return new Mapping.Shared(stored.storage(), stored.position(), stored.length());
      }
    }
    return new Mapping.Unallocated(rest);
  }

  private static Mapping map(Layer layer, long offset, long length) throws IOException {
    return switch (layer) {
      case Layer.Plain(Storage storage) -> new Mapping.Stored(storage, offset, length);
      case Layer.Compressed(ParallelsImage image) ->
          offset < image.size() ? image.map(offset, length) : new Mapping.Unallocated(length);
    };
  }
}
