package dev.platter.operation;

import dev.platter.io.Durability;
import dev.platter.io.NewFile;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files of a new image, which get their names all together when they are complete.
final class Drafts implements NewStorages, AutoCloseable {
  private final Path target;
  private final Durability durability;
  private final Map<String, NewFile> files = new LinkedHashMap<>();

  /// Begins with the main file, before there is any work: a target that is in use is refused, and
  /// is kept from being used until it is replaced.
  Drafts(Path target, Durability durability) throws IOException {
    this.target = target;
    this.durability = durability;
    create("");
  }

  @Override
  public Storage create(String name) throws IOException {
    NewFile file = files.get(name);
    if (file == null) {
      file = NewFile.create(name.isEmpty() ? target : beside(name), durability);
      files.put(name, file);
    }
    return file.storage();
  }

  private Path beside(String name) {
    Path path = target.resolveSibling(name);
    if (path.toAbsolutePath().normalize().equals(target.toAbsolutePath().normalize())) {
      throw new IllegalArgumentException(
          target + ": an image and its data cannot be in the same file");
    }
    return path;
  }

  /// Gives all files their names, the main file last.
  void publish() throws IOException {
    List<NewFile> lastFirst = List.copyOf(files.values()).reversed();
    NewFile.publishAll(lastFirst, NewFile.Existing.REPLACE);
  }

  /// Removes what has not got its name.
  @Override
  public void close() throws IOException {
    IOException first = null;
    for (NewFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
