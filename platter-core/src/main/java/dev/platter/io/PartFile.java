package dev.platter.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// A file under a name that says it is not complete, deleted when the program ends.
///
/// @param path where it is until then
/// @param storage open and locked: a part file that can be locked has been left by a crash
record PartFile(Path path, NewFile.Unfinished storage) {
  private static final String END = ".part";
  private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int RANDOM = 8;
  private static final int ATTEMPTS = 100;

  /// Bytes of the target's name in the name of a part file, so that it is not too long.
  private static final int NAME = 200;

  /// Makes a part file beside the file that it is going to be.
  ///
  /// @param real the target without links
  /// @param shown what the storage says its path is
  static PartFile create(Path real, Path shown) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Path path = real.resolveSibling(prefix(real) + random() + END);
      try {
        NewFile.Unfinished storage = FileStorage.create(path, shown);
        var part = new PartFile(path, storage);
        Leftovers.add(path);
        if (part.stillThere()) {
          return part;
        }
        Leftovers.remove(path);
        storage.close();
      } catch (FileAlreadyExistsException | LockedException _) {
        // another name, then; a lock means that a program which tidies up has taken it for stale
      }
    }
    throw new IOException(shown + ": no name is free for its beginnings");
  }

  /// Whether nobody took it for stale between making and locking it.
  private boolean stillThere() {
    try (Storage found = FileStorage.open(path, Access.READ, Sharing.UNLOCKED)) {
      return found.identity().equals(storage.identity());
    } catch (IOException _) {
      return false;
    }
  }

  /// Deletes what crashed runs have left of a target.
  static void removeStale(Path real) throws IOException {
    String prefix = prefix(real);
    int length = prefix.length() + RANDOM + END.length();
    DirectoryStream.Filter<Path> filter =
        path -> {
          String name = path.getFileName().toString();
          return name.length() == length && name.startsWith(prefix) && name.endsWith(END);
        };
    try (DirectoryStream<Path> found = Files.newDirectoryStream(real.getParent(), filter)) {
      for (Path path : found) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          removeUnlocked(path);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void removeUnlocked(Path path) {
    try (Storage _ = FileStorage.open(path, Access.WRITE, Sharing.LOCKED)) {
      Files.deleteIfExists(path);
    } catch (IOException _) {
      // in use, or not ours: whoever is left with it can delete it
    }
  }

  private static String prefix(Path real) {
    String name = real.getFileName().toString();
    while (name.getBytes(StandardCharsets.UTF_8).length > NAME) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return "." + name + ".";
  }

  /// Not secret: the file is made only if nothing has the name.
  private static String random() {
    var letters = new StringBuilder(RANDOM);
    for (int i = 0; i < RANDOM; i++) {
      letters.append(LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length())));
    }
    return letters.toString();
  }

  /// Leaves files alone from now on, all or none.
  ///
  /// @throws IOException if the program is ending, and they are deleted
  static void keep(List<PartFile> parts) throws IOException {
    if (!Leftovers.keep(parts.stream().map(PartFile::path).toList())) {
      throw new IOException(parts.getFirst().storage.name() + ": the program is ending");
    }
  }

  void delete() throws IOException {
    Files.deleteIfExists(path);
    Leftovers.remove(path);
  }

  /// What is to be deleted when the program ends, be it by Ctrl-C.
  private static final class Leftovers {
    private static final Set<Path> PATHS = new HashSet<>();

    static {
      try {
        Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::delete, "unfinished files"));
      } catch (IllegalStateException _) {
        // the program is ending already: whoever goes on nevertheless deletes what it has begun
      }
    }

    private static synchronized void add(Path path) {
      PATHS.add(path);
    }

    private static synchronized void remove(Path path) {
      PATHS.remove(path);
    }

    /// Forgets all paths if none has been deleted yet.
    private static synchronized boolean keep(List<Path> paths) {
      return PATHS.containsAll(paths) && PATHS.removeAll(paths);
    }

    private static synchronized void delete() {
      for (Path path : PATHS) {
        try {
          Files.deleteIfExists(path);
        } catch (IOException _) {
          // nothing more can be done; the next run tries again
        }
      }
      PATHS.clear();
    }
  }
}
