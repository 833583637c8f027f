package dev.platter.format.vmdk;

import dev.platter.format.vmdk.SparseExtent.Parent;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Opens an image: its descriptor, and the extents that the descriptor names.
final class VmdkOpening {
  /// Extents that are opened at once; of more, all but the first are opened when they are used.
  private static final int AT_ONCE = 64;

  private static final int SECTOR = SparseHeader.SECTOR;

  private final Storage main;
  private final OpenContext context;
  private final ExtentOpening extents;

  VmdkOpening(Storage main, OpenContext context) {
    this.main = main;
    this.context = context;
    this.extents = new ExtentOpening(main, context);
  }

  /// An extent and where it is on the disk.
  ///
  /// @param start the disk's offset of its first byte
  /// @param length bytes
  record Part(VmdkExtent extent, ExtentLine line, long start, long length) {
    long end() {
      return start + length;
    }
  }

  /// Opens the image; closes everything if that fails.
  VmdkImage open() throws IOException {
    boolean opened = false;
    try {
      VmdkImage image = isSparse(main) ? embedded() : text();
      opened = true;
      return image;
    } finally {
      if (!opened) {
        for (Storage storage : storages()) {
          storage.close();
        }
      }
    }
  }

  private List<Storage> storages() {
    List<Storage> all = new ArrayList<>();
    all.add(main);
    all.addAll(extents.storages());
    return all;
  }

  private static boolean isSparse(Storage storage) throws IOException {
    long magic = SparseHeader.STRUCT.read(storage, 0).magic();
    boolean other = magic == CowdHeader.MAGIC || magic == SeSparseHeader.MAGIC;
    if (other) {
      throw new ImageException.Unsupported(
          storage.name(), "is one extent of an image; open the descriptor that names it");
    }
    return magic == SparseHeader.MAGIC;
  }

  private VmdkImage embedded() throws IOException {
    DescriptorPlace place =
        DescriptorPlace.in(main, SparseHeader.STRUCT.read(main, 0).checked(main));
    VmdkDescriptor descriptor = place.read(context.limits());
    List<ExtentLine> lines = descriptor.extents(main.name(), context.limits());
    if (lines.size() > 1) {
      throw new ImageException.Corrupt(
          main.name(), "names " + lines.size() + " extents and is one itself, expected 1");
    }
    ExtentOpening.Found found = extents.sparse(main, parent(descriptor), context.limits());
    List<Part> parts =
        List.of(new Part(found.extent(), lines.getFirst(), 0, found.capacity() * SECTOR));
    return new VmdkImage(new VmdkImage.Files(place, storages(), parts), descriptor, context);
  }

  private VmdkImage text() throws IOException {
    DescriptorPlace place = DescriptorPlace.ofText(main);
    VmdkDescriptor descriptor = place.read(context.limits());
    Parent parent = parent(descriptor);
    List<ExtentLine> lines = descriptor.extents(main.name(), context.limits());
    extents.count(lines.size());
    boolean all = lines.size() <= AT_ONCE;
    int unit = 0;
    List<Part> parts = new ArrayList<>();
    long start = 0;
    for (ExtentLine line : lines) {
      boolean first = unit == 0 && line.hasGrains();
      VmdkExtent extent =
          all || first || line.isZero()
              ? extents.open(line, parent)
              : extents.late(line, parent, Math.max(unit, 1));
      unit = first ? extent.allocationUnit() : unit;
      long length = line.sectors() * SECTOR;
      parts.add(new Part(extent, line, start, length));
      start += length;
    }
    return new VmdkImage(new VmdkImage.Files(place, storages(), parts), descriptor, context);
  }

  private static Parent parent(VmdkDescriptor descriptor) {
    return VmdkParent.of(descriptor).isPresent() ? Parent.BELOW : Parent.NONE;
  }
}
