package dev.platter.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// A file that has its name only once it is complete.
///
/// Until then it is `.NAME.XXXXXXXX.part` in the same folder, locked and, where the system can say
/// so, its owner's alone. [#publish] gives it the name; [#close] without that deletes it, and so do
/// the end of the program and, after a crash, the next run that makes a file of the same name.
///
/// A file that is replaced is a new one afterwards: its permissions are kept, its owner and other
/// hard links to it are not.
public final class NewFile implements AutoCloseable {

  /// What [#publish] does if there is a file of the name.
  public enum Existing {
    /// It is replaced.
    REPLACE,
    /// It stays, and publishing fails.
    KEEP
  }

  /// An open file that is not complete.
  sealed interface Unfinished extends Storage permits LinuxStorage, ChannelStorage {
    /// Its permissions as `chmod` takes them, 0 if they are not known.
    int permissions();

    /// What [#finish] is going to promise; a file that has to be durable is written out while it is
    /// still being made.
    void promise(Durability durability);

    /// Gives it permissions, and returns when the promise is kept.
    void finish(int permissions) throws IOException;
  }

  private static final int EVERYBODY = 0666;
  private final Path target;
  private final PartFile part;
  private final Optional<Unfinished> replaced;
  private final Durability durability;
  private boolean published;

  private NewFile(
      Path target, PartFile part, Optional<Unfinished> replaced, Durability durability) {
    this.target = target;
    this.part = part;
    this.replaced = replaced;
    this.durability = durability;
    part.storage().promise(durability);
  }

  /// Begins a file. If the name is a symbolic link, the file that it leads to is meant.
  ///
  /// @throws LockedException if there is such a file and it is in use
  /// @throws RefusedException if the name belongs to something that is no file
  public static NewFile create(Path target) throws IOException {
    return create(target, Durability.DURABLE);
  }

  /// Begins a file that is durable when it is published, or later.
  public static NewFile create(Path target, Durability durability) throws IOException {
    Path real = real(target);
    Optional<Unfinished> existing = existing(target, real);
    boolean done = false;
    try {
      PartFile.removeStale(real);
      var file = new NewFile(real, PartFile.create(real, target), existing, durability);
      done = true;
      return file;
    } finally {
      if (!done && existing.isPresent()) {
        existing.get().close();
      }
    }
  }

  /// The name without links: the real folder, and in it the name that the last link leads to.
  private static Path real(Path target) throws IOException {
    Path path = target;
    for (int hops = 0; Files.isSymbolicLink(path); hops++) {
      if (hops == 40) {
        throw new IOException(target + ": " + Errno.words(Errno.ELOOP));
      }
      path = path.resolveSibling(Files.readSymbolicLink(path));
    }
    Path absolute = path.toAbsolutePath();
    Path name = absolute.getFileName();
    if (name == null || name.toString().equals(".") || name.toString().equals("..")) {
      throw new RefusedException(target.toString(), "is a folder");
    }
    try {
      return absolute.getParent().toRealPath().resolve(name);
    } catch (NoSuchFileException _) {
      throw new NoSuchFileException(target.toString(), null, "its folder does not exist");
    }
  }

  /// The file that is there already, locked so that nobody begins to use it.
  private static Optional<Unfinished> existing(Path target, Path real) throws IOException {
    if (!Files.exists(real)) {
      return Optional.empty();
    }
    Unfinished file = FileStorage.existing(real, target);
    if (!Files.isRegularFile(real)) {
      file.close();
      throw new RefusedException(target.toString(), "is a disk device, and not a file");
    }
    return Optional.of(file);
  }

  /// Where to write the content. Closed by [#close], or before.
  public Storage storage() {
    return part.storage();
  }

  /// Gives the file its name, for good: when this returns, both survive a crash of the machine if
  /// the file was begun as durable.
  ///
  /// @throws FileAlreadyExistsException if there is a file of the name, and it is to stay
  public void publish(Existing existing) throws IOException {
    publishAll(List.of(this), existing);
  }

  /// Gives several files their names, in the order of the list. No end of the program but a crash
  /// comes between the first and the last: until then all can be deleted, from then on none.
  public static void publishAll(List<NewFile> files, Existing existing) throws IOException {
    for (NewFile file : files) {
      file.finish();
    }
    PartFile.keep(files.stream().map(file -> file.part).toList());
    for (NewFile file : files) {
      file.name(existing);
    }
  }

  private void finish() throws IOException {
    part.storage().finish(replaced.map(Unfinished::permissions).orElseGet(NewFile::permissions));
  }

  private void name(Existing existing) throws IOException {
    try {
      switch (existing) {
        case REPLACE -> replace();
        case KEEP -> keep();
      }
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? "another file was put there" : e.getReason();
      throw new FileSystemException(storage().name(), null, "cannot get its name: " + reason);
    }
    published = true;
    if (durability == Durability.DURABLE) {
      flushFolder();
    }
  }

  private void replace() throws IOException {
    try {
      Files.move(
          part.path(), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(part.path(), target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /// A hard link is refused if the name exists, and a rename is not.
  private void keep() throws IOException {
    try {
      Files.createLink(target, part.path());
    } catch (FileAlreadyExistsException _) {
      throw new FileAlreadyExistsException(storage().name(), null, Errno.words(Errno.EEXIST));
    } catch (FileSystemException | UnsupportedOperationException _) {
      Files.move(part.path(), target);
      return;
    }
    Files.delete(part.path());
  }

  /// What the user's mask leaves of everybody's permissions. It can be read only here: the system
  /// call that tells it changes it.
  private static int permissions() {
    int mask = 022;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Umask:")) {
          mask = Integer.parseInt(line.substring(6).strip(), 8);
        }
      }
    } catch (IOException _) {
      return EVERYBODY & ~mask;
    }
    return EVERYBODY & ~mask;
  }

  private void flushFolder() throws IOException {
    FileChannel folder;
    try {
      folder = FileChannel.open(target.getParent(), StandardOpenOption.READ);
    } catch (IOException _) {
      // a system where folders are not opened keeps names safe by itself
      return;
    }
    try (folder) {
      folder.force(true);
    }
  }

  /// Deletes the file unless it has been published.
  @Override
  public void close() throws IOException {
    try {
      part.storage().close();
    } finally {
      try {
        if (!published) {
          part.delete();
        }
      } finally {
        if (replaced.isPresent()) {
          replaced.get().close();
        }
      }
    }
  }
}
