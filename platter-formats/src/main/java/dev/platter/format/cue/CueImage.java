package dev.platter.format.cue;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.DeviceType;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasRegions;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Region;
import dev.platter.image.Reservation;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// An open sheet with its files. It is only read: a disc is.
final class CueImage implements HasRegions, Dumpable, Claiming {
  private final List<Storage> storages;
  private final List<CueText.Line> lines;
  private final CueSheet sheet;
  private final List<CuePiece> pieces;
  private final String variant;
  private final CueView view;

  private CueImage(
      List<Storage> storages,
      List<CueText.Line> lines,
      CueSheet sheet,
      List<CuePiece> pieces,
      String wanted) {
    this.storages = storages;
    this.lines = lines;
    this.sheet = sheet;
    this.pieces = pieces;
    boolean data = sheet.tracks().stream().anyMatch(track -> track.mode().hasUserData());
    this.variant = data ? wanted : CueFormat.RAW;
    this.view = variant.equals(CueFormat.RAW) ? CueView.raw(pieces) : CueView.cooked(pieces);
  }

  static CueImage open(Storage storage, OpenContext context) throws IOException {
    List<Storage> storages = new ArrayList<>(List.of(storage));
    boolean opened = false;
    try {
      if (context.access().writes()) {
        throw new ReadOnlyException(storage.name(), "is a compact disc, which is only read");
      }
      List<CueText.Line> lines = CueText.read(storage, context.limits());
      CueSheet sheet = CueParser.parse(lines, storage.name(), context.limits());
      List<Optional<Storage>> files = files(storage, sheet, context, storages);
      List<CuePiece> pieces = CueLayout.pieces(storage.name(), sheet, files);
      String wanted = context.settings().given(CueFormat.VIEW).orElse(CueFormat.COOKED);
      var image = new CueImage(storages, lines, sheet, pieces, wanted);
      opened = true;
      return image;
    } finally {
      if (!opened) {
        closeAll(storages);
      }
    }
  }

  /// @param opened takes the storages, also if one of them cannot be opened
  private static List<Optional<Storage>> files(
      Storage storage, CueSheet sheet, OpenContext context, List<Storage> opened)
      throws IOException {
    boolean described = context.purpose() == Purpose.INFO;
    List<Optional<Storage>> files = new ArrayList<>();
    for (CueSheet.DataFile file : sheet.files()) {
      if (!file.hasSectors()) {
        if (!described) {
          throw new ImageException.Unsupported(
              storage.name(),
              "line "
                  + file.line()
                  + " of the sheet names a file of type "
                  + file.type()
                  + "; only BINARY and MOTOROLA can be read");
        }
        files.add(Optional.empty());
        continue;
      }
      try {
        opened.add(open(file.name().replace('\\', '/'), context));
        files.add(Optional.of(opened.getLast()));
      } catch (IOException e) {
        if (!described) {
          throw e;
        }
        files.add(Optional.empty());
      }
    }
    return files;
  }

  /// Sheets are written on systems to which small and capital letters in names are the same.
  private static Storage open(String name, OpenContext context) throws IOException {
    try {
      return context.references().open(name, Access.READ);
    } catch (IOException e) {
      for (String other : List.of(name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT))) {
        if (!other.equals(name)) {
          try {
            return context.references().open(other, Access.READ);
          } catch (IOException _) {
            // what is told is why the name as it is written cannot be opened
          }
        }
      }
      throw e;
    }
  }

  private static void closeAll(List<Storage> storages) throws IOException {
    IOException first = null;
    for (Storage storage : storages) {
      try {
        storage.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public long size() {
    return view.size();
  }

  @Override
  public int allocationUnit() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long length) {
    return view.map(offset, Math.min(length, size() - offset));
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
        storages.getFirst().name(), "is a compact disc, which is only read");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public DeviceType device() {
    return DeviceType.OPTICAL;
  }

  @Override
  public List<Region> regions() {
    return view.regions();
  }

  @Override
  public ImageInfo info() {
    return CueDescription.info(sheet, pieces, variant);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    CueDescription.dump(lines, storages.getFirst().size(), sink);
  }

  @Override
  public int claimUnit() {
    return 1;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("the sheet", 0, storages.getFirst().size()));
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    for (CuePiece piece : pieces) {
      new CueCheck(piece, sink).run();
    }
  }

  @Override
  public List<Storage> storages() {
    return List.copyOf(storages);
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
    closeAll(storages);
  }

  @Override
  public String toString() {
    return storages.getFirst().name();
  }
}
