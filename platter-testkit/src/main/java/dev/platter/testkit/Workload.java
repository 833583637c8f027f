package dev.platter.testkit;

import dev.platter.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Performs operations on a disk and tells an oracle about them.
final class Workload {
  private final Disk disk;
  private final Oracle oracle;
  private final byte[] content;

  /// @param content what is on the disk
  Workload(Disk disk, Oracle oracle, byte[] content) {
    this.disk = disk;
    this.oracle = oracle;
    this.content = content.clone();
  }

  /// What is on the disk if no operation has failed.
  byte[] content() {
    return content.clone();
  }

  void perform(Operation operation) throws IOException {
    switch (operation) {
      case Operation.Write(long offset, int length, int version) -> {
        byte[] bytes = Stamp.bytes(offset, length, version);
        oracle.begun(offset, bytes);
        disk.write(offset, MemorySegment.ofArray(bytes));
        put(offset, bytes);
      }
      case Operation.WriteZeros(long offset, int length) -> {
        oracle.begun(offset, new byte[length]);
        disk.write(offset, MemorySegment.ofArray(new byte[length]));
        put(offset, new byte[length]);
      }
      case Operation.Zero(long offset, int length, var room) -> {
        oracle.begun(offset, new byte[length]);
        disk.zero(offset, length, room);
        put(offset, new byte[length]);
      }
      case Operation.Discard(long offset, int length) -> {
        oracle.begun(offset, new byte[length]);
        disk.discard(offset, length);
        byte[] now = new byte[length];
        disk.read(offset, MemorySegment.ofArray(now));
        put(offset, now);
      }
      case Operation.Flush() -> {
        disk.flush();
        oracle.flushed(content);
      }
      case Operation.Read(long offset, int length) ->
          disk.read(offset, MemorySegment.ofArray(new byte[length]));
      case Operation.Map() -> ModelTest.checkExtents(disk, content);
      case Operation.Reopen(), Operation.Child(_, _) ->
          throw new IllegalArgumentException(operation + " is no part of a workload");
    }
  }

  private void put(long offset, byte[] bytes) {
    System.arraycopy(bytes, 0, content, (int) offset, bytes.length);
  }

  @Override
  public String toString() {
    return disk + " of " + content.length + " bytes, hash " + Arrays.hashCode(content);
  }
}
