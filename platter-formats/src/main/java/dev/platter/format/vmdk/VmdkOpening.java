package dev.platter.format.vmdk;

import dev.platter.format.vmdk.SparseExtent.Parent;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Opens an image and the files that its descriptor names. A file is opened once, whatever it is
/// called, and no byte of it belongs to two extents.
final class VmdkOpening {
  private static final int SECTOR = SparseHeader.SECTOR;

  private final Storage main;
  private final OpenContext context;
  private final Limits limits;
  private final Map<String, Storage> byName = new LinkedHashMap<>();
  private final Map<Object, TreeMap<Long, ExtentLine>> taken = new HashMap<>();

  VmdkOpening(Storage main, OpenContext context) {
    this.main = main;
    this.context = context;
    this.limits = context.limits();
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
    all.addAll(byName.values());
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
    SparseHeader header = SparseHeader.read(main).checked(main);
    DescriptorPlace place = DescriptorPlace.in(main, SparseHeader.STRUCT.read(main, 0));
    VmdkDescriptor descriptor = place.read(limits);
    List<ExtentLine> lines = descriptor.extents(main.name(), limits);
    if (lines.size() > 1) {
      throw new ImageException.Corrupt(
          main.name(), "names " + lines.size() + " extents and is one itself, expected 1");
    }
    long size = header.capacity() * SECTOR;
    var extent =
        new SparseExtent(main, header.layout(), Optional.of(header), parent(descriptor), limits);
    List<Part> parts = List.of(new Part(extent, lines.getFirst(), 0, size));
    return new VmdkImage(new VmdkImage.Files(place, storages(), parts), descriptor, context);
  }

  private VmdkImage text() throws IOException {
    DescriptorPlace place = DescriptorPlace.ofText(main);
    VmdkDescriptor descriptor = place.read(limits);
    List<Part> parts = new ArrayList<>();
    long start = 0;
    for (ExtentLine line : descriptor.extents(main.name(), limits)) {
      long length = line.sectors() * SECTOR;
      parts.add(new Part(extent(line, parent(descriptor)), line, start, length));
      start += length;
    }
    return new VmdkImage(new VmdkImage.Files(place, storages(), parts), descriptor, context);
  }

  private static Parent parent(VmdkDescriptor descriptor) {
    return VmdkParent.of(descriptor).isPresent() ? Parent.BELOW : Parent.NONE;
  }

  private VmdkExtent extent(ExtentLine line, Parent parent) throws IOException {
    try {
      return switch (line.type()) {
        case "ZERO" -> new ZeroExtent();
        case "FLAT", "VMFS" -> flat(line);
        case "SPARSE", "VMFSSPARSE", "SESPARSE" -> sparse(line, parent);
        default ->
            throw new ImageException.Unsupported(
                main.name(),
                "the extent in line "
                    + line.line()
                    + " of its descriptor is of an unknown type or a device");
      };
    } catch (IOException e) {
      if (context.purpose() == Purpose.INFO) {
        return new LostExtent(e);
      }
      throw e;
    }
  }

  private Storage file(ExtentLine line) throws IOException {
    String name = line.file().replace('\\', '/');
    Storage known = byName.get(name);
    if (known != null) {
      return known;
    }
    Access access = line.access() == ExtentLine.Access.RW ? context.access() : Access.READ;
    Storage opened = context.references().open(name, access);
    if (opened.identity().equals(main.identity())) {
      opened.close();
      throw new ImageException.Corrupt(
          main.name(), "names itself as the extent in line " + line.line());
    }
    byName.put(name, opened);
    return opened;
  }

  private VmdkExtent flat(ExtentLine line) throws IOException {
    Storage storage = file(line);
    long start = line.start() * SECTOR;
    long length = line.sectors() * SECTOR;
    if (start > storage.size() - length && context.purpose() != Purpose.INFO) {
      throw new ImageException.Corrupt(
          main.name(),
          "the extent in line "
              + line.line()
              + " needs "
              + length
              + " bytes from "
              + start
              + " on of "
              + storage.name()
              + ", which ends at "
              + storage.size());
    }
    take(storage, line, start, length);
    return new FlatExtent(storage, start);
  }

  private VmdkExtent sparse(ExtentLine line, Parent parent) throws IOException {
    Storage storage = file(line);
    take(storage, line, 0, Long.MAX_VALUE);
    long magic = SparseHeader.STRUCT.read(storage, 0).magic();
    if (magic == SparseHeader.MAGIC) {
      SparseHeader header = SparseHeader.read(storage).checked(storage);
      covers(storage, line, header.capacity());
      return new SparseExtent(storage, header.layout(), Optional.of(header), parent, limits);
    }
    if (magic == CowdHeader.MAGIC) {
      CowdHeader header = CowdHeader.STRUCT.read(storage, 0).checked(storage);
      covers(storage, line, header.capacity());
      return new SparseExtent(storage, header.layout(), Optional.empty(), parent, limits);
    }
    if (magic == SeSparseHeader.MAGIC) {
      SeSparseHeader header = SeSparseHeader.STRUCT.read(storage, 0).checked(storage);
      covers(storage, line, header.capacity());
      return new SeSparseExtent(storage, header, limits);
    }
    throw new ImageException.Corrupt(
        storage.name(),
        "has 0x" + Long.toHexString(magic) + " at 0, expected the magic of a sparse extent");
  }

  private void covers(Storage storage, ExtentLine line, long capacity) throws ImageException {
    if (capacity < line.sectors()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has "
              + capacity
              + " sectors of the disk, and "
              + main.name()
              + " says "
              + line.sectors());
    }
  }

  private void take(Storage storage, ExtentLine line, long start, long length) throws IOException {
    TreeMap<Long, ExtentLine> ranges =
        taken.computeIfAbsent(storage.identity(), _ -> new TreeMap<>());
    if (length == 0) {
      return;
    }
    Map.Entry<Long, ExtentLine> before = ranges.lowerEntry(start + Math.min(length, 1L << 62));
    long end = 0;
    if (before != null) {
      boolean flat =
          before.getValue().type().equals("FLAT") || before.getValue().type().equals("VMFS");
      end = flat ? before.getKey() + before.getValue().sectors() * SECTOR : Long.MAX_VALUE;
    }
    if (end > start) {
      throw new ImageException.Corrupt(
          main.name(),
          "the extents in lines "
              + before.getValue().line()
              + " and "
              + line.line()
              + " overlap in "
              + storage.name());
    }
    ranges.put(start, line);
  }
}
