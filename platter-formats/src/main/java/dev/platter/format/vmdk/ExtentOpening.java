package dev.platter.format.vmdk;

import dev.platter.format.vmdk.SparseExtent.Parent;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.LateFile;
import dev.platter.io.LateFiles;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Opens the extents of an image, now or later. A file is opened once, whatever it is called, and
/// no byte of it belongs to two extents.
final class ExtentOpening {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final long LEAST_CACHE = 256L << 10;

  private final Storage main;
  private final OpenContext context;
  private final LateFiles files;
  private final Map<String, Storage> byName = new LinkedHashMap<>();
  private final Map<Object, TreeMap<Long, ExtentLine>> taken = new HashMap<>();
  private Limits limits;

  ExtentOpening(Storage main, OpenContext context) {
    this.main = main;
    this.context = context;
    this.files = new LateFiles(context.references()::open);
    this.limits = context.limits();
  }

  /// An extent with grains.
  ///
  /// @param capacity sectors of the disk that it says it has
  record Found(VmdkExtent extent, long capacity) {}

  /// The files besides the descriptor's.
  List<Storage> storages() {
    return new ArrayList<>(byName.values());
  }

  /// Says how many extents there will be, which share the memory for tables.
  void count(int extents) {
    Limits all = context.limits();
    long each = Math.max(all.tableCache() / Math.clamp(extents, 1, 64), LEAST_CACHE);
    limits =
        new Limits(
            Math.min(each, all.tableCache()),
            all.tables(),
            all.text(),
            all.chainDepth(),
            all.files(),
            all.snapshots());
  }

  /// Opens an extent now.
  VmdkExtent open(ExtentLine line, Parent parent) throws IOException {
    try {
      known(line);
      return line.isZero() ? new ZeroExtent() : opened(file(line), line, parent);
    } catch (IOException e) {
      if (context.purpose() == Purpose.INFO) {
        return new LostExtent(e);
      }
      throw e;
    }
  }

  /// An extent that is opened when it is used.
  ///
  /// @param unit what the image says that its allocation unit is
  VmdkExtent late(ExtentLine line, Parent parent, int unit) throws IOException {
    known(line);
    Storage file = byName.computeIfAbsent(name(line), name -> files.late(name, access(line)));
    return new LateExtent(
        file,
        unit,
        () -> {
          try {
            requireOther(file, line);
            VmdkExtent extent = opened(file, line, parent);
            if (file instanceof LateFile late && extent instanceof SparseExtent sparse) {
              late.whenResting(sparse.tables()::trim);
            }
            return extent;
          } catch (IOException e) {
            if (context.purpose() == Purpose.INFO) {
              return new LostExtent(e);
            }
            throw e;
          }
        });
  }

  private void known(ExtentLine line) throws ImageException {
    if (!line.isZero() && !line.isFlat() && !line.hasGrains()) {
      throw new ImageException.Unsupported(
          main.name(),
          "the extent in line " + line.line() + " of its descriptor is of an unknown type");
    }
  }

  private VmdkExtent opened(Storage storage, ExtentLine line, Parent parent) throws IOException {
    if (line.isFlat()) {
      return flat(storage, line);
    }
    take(storage, line, 0, Long.MAX_VALUE);
    Found found = sparse(storage, parent, limits);
    if (found.capacity() < line.sectors()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has "
              + found.capacity()
              + " sectors of the disk, and "
              + main.name()
              + " says "
              + line.sectors());
    }
    return found.extent();
  }

  private static String name(ExtentLine line) {
    return line.file().replace('\\', '/');
  }

  private Access access(ExtentLine line) {
    return line.access() == ExtentLine.Access.RW ? context.access() : Access.READ;
  }

  private Storage file(ExtentLine line) throws IOException {
    Storage known = byName.get(name(line));
    if (known != null) {
      return known;
    }
    Storage opened = context.references().open(name(line), access(line));
    boolean kept = false;
    try {
      requireOther(opened, line);
      kept = true;
    } finally {
      if (!kept) {
        opened.close();
      }
    }
    byName.put(name(line), opened);
    return opened;
  }

  private void requireOther(Storage file, ExtentLine line) throws ImageException {
    if (file.identity().equals(main.identity())) {
      throw new ImageException.Corrupt(
          main.name(), "names itself as the extent in line " + line.line());
    }
  }

  private VmdkExtent flat(Storage storage, ExtentLine line) throws IOException {
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

  /// Opens an extent with grains, whose first bytes say of which kind it is.
  Found sparse(Storage storage, Parent parent, Limits given) throws IOException {
    SparseHeader first = SparseHeader.STRUCT.read(storage, 0);
    if (first.magic() == SparseHeader.MAGIC) {
      return hosted(storage, first.checked(storage), parent, given);
    }
    if (first.magic() == CowdHeader.MAGIC) {
      CowdHeader header = CowdHeader.STRUCT.read(storage, 0).checked(storage);
      return new Found(new SparseExtent(storage, header, parent, given), header.capacity());
    }
    if (first.magic() == SeSparseHeader.MAGIC) {
      SeSparseHeader header = SeSparseHeader.STRUCT.read(storage, 0).checked(storage);
      return new Found(new SeSparseExtent(storage, header, given), header.capacity());
    }
    throw new ImageException.Corrupt(
        storage.name(),
        "has 0x"
            + Long.toHexString(first.magic())
            + " at 0, expected the magic of a sparse extent");
  }

  /// A stream without its end has lost the tables, or only the way to them.
  private static Found hosted(Storage storage, SparseHeader first, Parent parent, Limits given)
      throws IOException {
    boolean atEnd = first.directoryOffset() == SparseHeader.AT_END;
    boolean stream = first.has(SparseHeader.COMPRESSED) && first.has(SparseHeader.MARKERS);
    boolean lost =
        atEnd
            ? SparseHeader.findFooter(storage).isEmpty()
            : first.layout().outside(storage, first.directoryOffset());
    if (stream && lost) {
      return new Found(new StreamScan(storage, first, given).run(), first.capacity());
    }
    SparseHeader header = atEnd ? SparseHeader.read(storage).checked(storage) : first;
    return new Found(new SparseExtent(storage, header, parent, given), header.capacity());
  }

  private synchronized void take(Storage storage, ExtentLine line, long start, long length)
      throws IOException {
    TreeMap<Long, ExtentLine> ranges =
        taken.computeIfAbsent(storage.identity(), _ -> new TreeMap<>());
    if (length == 0) {
      return;
    }
    Map.Entry<Long, ExtentLine> before = ranges.lowerEntry(start + Math.min(length, 1L << 62));
    long end = 0;
    if (before != null) {
      ExtentLine other = before.getValue();
      end = other.isFlat() ? before.getKey() + other.sectors() * SECTOR : Long.MAX_VALUE;
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
