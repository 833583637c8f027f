package dev.platter;

import dev.platter.Disk.Layer;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.Options;
import dev.platter.image.ParentChecking;
import dev.platter.image.ParentLink;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.LockedException;
import dev.platter.io.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;

/// Opens disks: finds out formats, follows parents as far as the caller allows, checks that they
/// are the right ones.
public final class Disks {
  private final Formats formats;

  /// Opens images of these formats.
  public Disks(Formats formats) {
    this.formats = formats;
  }

  /// The formats that are known.
  public Formats formats() {
    return formats;
  }

  /// Opens a file, or a folder that is an image, and its parents.
  ///
  /// @throws ImageException if it is not an image, or not one that can be opened as asked
  public Disk open(Path path, DiskOptions options) throws IOException {
    return open(file(path, options.access(), options), options);
  }

  /// Opens a storage and its parents; the disk owns the storage, also if this fails.
  public Disk open(Storage storage, DiskOptions options) throws IOException {
    List<Layer> layers = new ArrayList<>();
    boolean opened = false;
    try {
      boolean writes = options.access().writes();
      new Opening(options, layers, depth -> writes && depth == 0, Disks::refuse).chain(storage);
      opened = true;
      return new Disk(layers, writes);
    } finally {
      if (!opened) {
        closeAll(layers);
      }
    }
  }

  private Storage file(Path path, Access access, DiskOptions options) throws IOException {
    return FileStorage.open(formats.file(path), access, options.sharing());
  }

  private static void refuse(Chain.Fault fault) throws IOException {
    throw fault.cause();
  }

  /// Opens the images of a chain, each of which may be changed on its own.
  ///
  /// @param options how, but for their access: the chain's images are opened for reading
  /// @param written which images are opened for writing, the top being 0
  public Chain chain(Path path, DiskOptions options, IntPredicate written) throws IOException {
    Access access = written.test(0) ? Access.WRITE : Access.READ;
    return chain(file(path, access, options), options, written);
  }

  /// Opens the images of a chain; the chain owns the storage, also if this fails.
  public Chain chain(Storage storage, DiskOptions options, IntPredicate written)
      throws IOException {
    List<Layer> layers = new ArrayList<>();
    boolean opened = false;
    try {
      new Opening(options, layers, written, Disks::refuse).chain(storage);
      opened = true;
      return new Chain(layers, written, List.of());
    } finally {
      if (!opened) {
        closeAll(layers);
      }
    }
  }

  /// Opens as many images of a chain as can be found, for reading, and tells what is wrong with the
  /// parents: one that is missing ends the chain, one that is not the right one does not.
  public Chain trace(Path path, DiskOptions options) throws IOException {
    List<Layer> layers = new ArrayList<>();
    List<Chain.Fault> faults = new ArrayList<>();
    boolean opened = false;
    try {
      new Opening(options, layers, _ -> false, faults::add).chain(file(path, Access.READ, options));
      opened = true;
      return new Chain(layers, _ -> false, faults);
    } finally {
      if (!opened) {
        closeAll(layers);
      }
    }
  }

  private static void closeAll(List<Layer> layers) throws IOException {
    for (Layer layer : layers) {
      layer.image().close();
    }
  }

  /// Hears what is wrong with a parent; opening goes on unless this throws.
  @FunctionalInterface
  private interface Complaints {
    void hear(Chain.Fault fault) throws IOException;
  }

  private final class Opening {
    private final DiskOptions options;
    private final List<Layer> layers;
    private final IntPredicate written;
    private final Complaints complaints;
    private final Set<Object> seen = new HashSet<>();

    private Opening(
        DiskOptions options, List<Layer> layers, IntPredicate written, Complaints complaints) {
      this.options = options;
      this.layers = layers;
      this.written = written;
      this.complaints = complaints;
    }

    private void chain(Storage first) throws IOException {
      Image image = image(first, options.format(), access());
      while (options.parents() && image.parent().isPresent()) {
        Limits.check(
            first.name(), "chain of images", layers.size() + 1L, options.limits().chainDepth());
        int found = layers.size();
        try {
          image = parent(image, image.parent().get());
        } catch (IOException e) {
          if (layers.size() > found) {
            throw e;
          }
          complaints.hear(new Chain.Fault(found - 1, Chain.Fault.Kind.MISSING, e));
          return;
        }
      }
    }

    /// What the next image is opened for.
    private Access access() {
      return written.test(layers.size()) ? Access.WRITE : Access.READ;
    }

    private Image image(Storage storage, Optional<String> formatName, Access access)
        throws IOException {
      ImageFormat format;
      Options settings;
      boolean done = false;
      try {
        if (!seen.add(storage.identity())) {
          throw new ImageException.WrongParent(
              storage.name(), "is its own parent, directly or through others");
        }
        format = formatName.isPresent() ? formats.named(formatName.get()) : formats.probe(storage);
        settings = layers.isEmpty() ? Options.opening(format, options.settings()) : Options.none();
        done = true;
      } finally {
        if (!done) {
          storage.close();
        }
      }
      Image image = format.open(storage, context(storage, access, settings));
      layers.add(new Layer(image, format.name()));
      return image;
    }

    private OpenContext context(Storage storage, Access access, Options settings) {
      return new OpenContext(
          access,
          options.limits(),
          (location, wanted) -> options.reach().open(storage, location, wanted),
          options.purpose(),
          options.secrets(),
          settings);
    }

    private Image parent(Image child, ParentLink link) throws IOException {
      Storage from = child.storages().getFirst();
      Image parent = link.names().isEmpty() ? search(from, link) : named(from, link);
      check(from, link, parent);
      checkState(child, parent);
      return parent;
    }

    private Image named(Storage from, ParentLink link) throws IOException {
      IOException first = null;
      for (String name : link.names()) {
        try {
          Access access = access();
          Storage storage = options.reach().open(from, name, access);
          return image(storage, Optional.of(parentFormat(from, name, storage, link)), access);
        } catch (IOException e) {
          first = first == null ? e : first;
        }
      }
      if (first instanceof NoSuchFileException gone && gone.getReason() != null) {
        throw new ImageException.WrongParent(from.name(), gone.getReason());
      }
      throw first == null ? missing(from, "an unnamed parent") : first;
    }

    /// The format of a parent; if that cannot be told, the parent's storage is closed.
    private String parentFormat(Storage from, String name, Storage storage, ParentLink link)
        throws IOException {
      boolean told = false;
      try {
        Optional<String> said = link.format().or(options::parentFormat);
        String format =
            said.isPresent()
                ? known(from, name, said.get())
                : guessed(from, name, storage, link.unsaid());
        told = true;
        return format;
      } finally {
        if (!told) {
          storage.close();
        }
      }
    }

    private String known(Storage from, String name, String format) throws ImageException {
      if (!formats.has(format)) {
        throw new ImageException.Unsupported(
            from.name(),
            "says that its parent '"
                + name
                + "' is of format '"
                + format
                + "', which is not known");
      }
      return format;
    }

    private String guessed(Storage from, String name, Storage storage, ParentLink.Unsaid unsaid)
        throws IOException {
      ImageFormat found = formats.probe(storage);
      if (unsaid == ParentLink.Unsaid.NOTHING && !Formats.isBelievable(found, name)) {
        throw new ImageException.WrongParent(
            from.name(),
            "does not say the format of its parent '"
                + name
                + "', which looks like "
                + found.name()
                + "; say it with the parent format option (-F)");
      }
      return found.name();
    }

    private Image search(Storage from, ParentLink link) throws IOException {
      String format = link.format().orElse("raw");
      UUID wanted = link.identity().orElseThrow(() -> missing(from, "an unknown parent"));
      for (Path path : options.candidates()) {
        Storage storage = FileStorage.open(path, Access.READ, options.sharing());
        if (identityOf(storage, format).equals(Optional.of(wanted))) {
          Access access = access();
          return image(
              FileStorage.open(path, access, options.sharing()), Optional.of(format), access);
        }
      }
      for (String name : options.reach().beside(from, formats.named(format).extensions())) {
        if (isBeside(from, name, format, wanted)) {
          Access access = access();
          return image(options.reach().open(from, name, access), Optional.of(format), access);
        }
      }
      throw missing(from, "its parent, " + format + " image " + wanted);
    }

    private boolean isBeside(Storage from, String name, String format, UUID wanted)
        throws IOException {
      Storage storage;
      try {
        storage = options.reach().open(from, name, Access.READ);
      } catch (LockedException | ImageException.OutOfReach _) {
        // open for writing, as the child itself may be: nobody's parent now
        return false;
      }
      if (seen.contains(storage.identity())) {
        storage.close();
        return false;
      }
      return identityOf(storage, format).equals(Optional.of(wanted));
    }

    /// The identity of an image, none if it is not one; closes the storage.
    private Optional<UUID> identityOf(Storage storage, String format) throws IOException {
      var context =
          new OpenContext(
              Access.READ,
              options.limits(),
              (location, _) -> {
                throw new ImageException.OutOfReach(storage.name(), "names " + location);
              },
              OpenContext.Purpose.INFO);
      try (Image image = formats.named(format).open(storage, context)) {
        return image instanceof Identified identified
            ? Optional.of(identified.identity())
            : Optional.empty();
      } catch (ImageException | EOFException _) {
        return Optional.empty();
      }
    }

    private void check(Storage from, ParentLink link, Image parent) throws IOException {
      if (options.unchecked() || !(parent instanceof Identified identified)) {
        return;
      }
      if (link.identity().isPresent() && !link.identity().get().equals(identified.identity())) {
        mismatch(
            from.name(),
            "was made from image "
                + link.identity().get()
                + ", its parent is "
                + identified.identity());
      }
      if (link.modification().isPresent()
          && !link.modification().equals(identified.modification())
          && identified.modification().stream().noneMatch(link.otherModifications()::contains)) {
        mismatch(
            from.name(),
            "its parent "
                + parent.storages().getFirst().name()
                + " has changed since the child was made");
      }
    }

    private void checkState(Image child, Image parent) throws IOException {
      if (!options.unchecked() && child instanceof ParentChecking checking) {
        Optional<String> fault = checking.fault(parent);
        if (fault.isPresent()) {
          mismatch(
              child.storages().getFirst().name(),
              "its parent " + parent.storages().getFirst().name() + " " + fault.get());
        }
      }
    }

    /// The parent has been opened and is the last layer.
    private void mismatch(String child, String what) throws IOException {
      complaints.hear(
          new Chain.Fault(
              layers.size() - 2,
              Chain.Fault.Kind.MISMATCHED,
              new ImageException.WrongParent(child, what)));
    }

    private ImageException missing(Storage from, String what) {
      return new ImageException.WrongParent(from.name(), "cannot find " + what);
    }
  }
}
