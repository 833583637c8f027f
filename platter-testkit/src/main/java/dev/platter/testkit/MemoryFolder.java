package dev.platter.testkit;

import dev.platter.image.ImageException;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Files in memory, as a folder in which images find their parents and data files.
public final class MemoryFolder implements Reach {
  private final Map<String, FaultStorage> files = new LinkedHashMap<>();

  /// An empty folder.
  public MemoryFolder() {}

  /// A folder with the given files.
  public MemoryFolder(List<FaultStorage> found) {
    found.forEach(this::put);
  }

  /// Makes an empty file.
  public FaultStorage create(String name) {
    var file = new FaultStorage(name);
    put(file);
    return file;
  }

  /// Adds a file, in place of the one that had its name.
  public void put(FaultStorage file) {
    files.put(file.name(), file);
  }

  /// Takes a file away.
  public void remove(String name) {
    files.remove(name);
  }

  /// A file.
  public FaultStorage file(String name) {
    FaultStorage file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException("no file " + name + ", only " + files.keySet());
    }
    return file;
  }

  /// All files, in the order in which they were made.
  public List<FaultStorage> files() {
    return List.copyOf(files.values());
  }

  /// A handle of a file.
  public Storage open(String name, Access access) {
    FaultStorage file = file(name);
    return access.writes() ? file : new ReadOnlyStorage(file);
  }

  @Override
  public Storage open(Storage from, String location, Access access)
      throws ImageException.OutOfReach {
    if (!files.containsKey(location)) {
      throw new ImageException.OutOfReach(
          from.name(), "names '" + location + "', which is not here");
    }
    return open(location, access);
  }

  @Override
  public List<String> beside(Storage from, List<String> extensions) {
    return files.keySet().stream()
        .filter(name -> extensions.contains(name.substring(name.lastIndexOf('.') + 1)))
        .toList();
  }
}
