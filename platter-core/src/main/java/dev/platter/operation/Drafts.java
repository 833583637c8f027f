package dev.platter.operation;

import dev.platter.io.Durability;
import dev.platter.io.NewFile;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files of a new image, which get their names all together when they are complete.
final class Drafts implements NewStorages, AutoCloseable {
  private final Path target;
  private final Durability durability;
  private final Map<String, NewFile> files = new LinkedHashMap<>();

  Drafts(Path target, Durability durability) {
    this.target = target;
    this.durability = durability;
  }

  @Override
  public Storage create(String name) throws IOException {
    NewFile file = files.get(name);
    if (file == null) {
      file = NewFile.create(name.isEmpty() ? target : target.resolveSibling(name), durability);
      files.put(name, file);
    }
    return file.storage();
  }

  /// Gives all files their names, the main file last.
  void publish() throws IOException {
    List<NewFile> lastFirst = new ArrayList<>(files.values()).reversed();
    for (NewFile file : lastFirst) {
      file.publish(NewFile.Existing.REPLACE);
    }
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
