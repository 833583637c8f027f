package dev.platter.tests.io;

import dev.platter.io.MemoryStorage;
import dev.platter.io.Slice;
import dev.platter.io.Storage;
import dev.platter.testkit.StorageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/// Every storage of the core keeps the contract.
class StorageContractTest {

  @Nested
  class Memory implements StorageContract {
    @Override
    public Storage storage(long size) {
      var storage = new MemoryStorage("memory");
      storage.resize(size);
      return storage;
    }
  }

  @Nested
  class SliceOfMemory implements StorageContract {
    @Override
    public Storage storage(long size) {
      var whole = new MemoryStorage("memory");
      whole.resize(size + 10_000);
      return new Slice(whole, 5_000, size);
    }

    @Override
    public boolean resizable() {
      return false;
    }
  }

  @Nested
  class SystemCalls extends FileContract {
    SystemCalls() {
      super(Kind.SYSTEM_CALLS);
    }
  }

  @Nested
  class PlainJava extends FileContract {
    PlainJava() {
      super(Kind.PLAIN_JAVA);
    }
  }

  @Nested
  class SliceOfFile implements StorageContract {
    @TempDir Path folder;

    @Override
    public Storage storage(long size) throws IOException {
      Path path = Files.createTempFile(folder, "whole", ".bin");
      Storage whole = Kind.SYSTEM_CALLS.write(path);
      whole.resize(size + 10_000);
      return new Slice(whole, 5_000, size);
    }

    @Override
    public boolean resizable() {
      return false;
    }
  }

  abstract static class FileContract implements StorageContract {
    private final Kind kind;
    @TempDir Path folder;

    FileContract(Kind kind) {
      this.kind = kind;
    }

    @Override
    public Storage storage(long size) throws IOException {
      Path path = Files.createTempFile(folder, "file", ".bin");
      Storage storage = kind.write(path);
      storage.resize(size);
      return storage;
    }
  }
}
