package dev.platter.operation;

import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/// A file that gets its name when it is complete, and is gone if it never is.
final class Draft implements AutoCloseable {
  private final Path target;
  private final Path draft;
  private final Storage storage;
  private boolean published;

  private Draft(Path target, Path draft) throws IOException {
    this.target = target;
    this.draft = draft;
    Files.createFile(draft);
    this.storage = FileStorage.open(draft, Access.WRITE, Sharing.LOCKED);
  }

  static Draft create(Path target) throws IOException {
    String number = UUID.randomUUID().toString().substring(0, 8);
    return new Draft(
        target, target.resolveSibling("." + target.getFileName() + "." + number + ".part"));
  }

  Storage storage() {
    return storage;
  }

  void publish() throws IOException {
    storage.flush();
    storage.close();
    Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    published = true;
  }

  @Override
  public void close() throws IOException {
    if (!published) {
      storage.close();
      Files.deleteIfExists(draft);
    }
  }
}
