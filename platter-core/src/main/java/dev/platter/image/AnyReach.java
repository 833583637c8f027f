package dev.platter.image;

import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Follows every name of a file, links too; still no URL, network name, device or pipe.
///
/// @param sharing how files are opened
record AnyReach(Sharing sharing) implements Reach {
  private static final int NAME = 4096;

  @Override
  public Storage open(Storage from, String location, Access access) throws IOException {
    Path path = ReferenceName.parse(from, location, NAME);
    Path target = FolderReach.folder(from, location).resolve(path);
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new ImageException.OutOfReach(
          from.name(),
          "names '" + ReferenceName.printable(location) + "', which is not a regular file");
    }
    return FileStorage.open(target, access, sharing);
  }

  @Override
  public List<String> beside(Storage from, List<String> extensions) throws IOException {
    return from.path().isEmpty()
        ? List.of()
        : FolderReach.neighbours(FolderReach.folder(from, ""), extensions);
  }
}
