package dev.platter.cli;

import dev.platter.operation.CancelledException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Standard input as a file, because a target can be laid out only when its whole source is known.
/// Blocks of zeros are left out. The file lies beside the target and is removed on closing.
record Spool(Path path) implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  /// Takes everything in.
  ///
  /// @param folder where the file may be
  static Spool of(InputStream in, Path folder, Interruption interruption) throws IOException {
    Spool spool = new Spool(Files.createTempFile(folder, ".standard-input.", ".part"));
    boolean taken = false;
    interruption.waiting(spool::remove);
    try (FileChannel channel = FileChannel.open(spool.path, StandardOpenOption.WRITE)) {
      take(in, channel, interruption);
      taken = true;
    } finally {
      interruption.protect();
      if (!taken) {
        spool.close();
      }
    }
    return spool;
  }

  private static void take(InputStream in, FileChannel channel, Interruption interruption)
      throws IOException {
    byte[] block = new byte[BLOCK];
    byte[] zeros = new byte[BLOCK];
    long size = 0;
    long written = 0;
    for (int count = in.readNBytes(block, 0, BLOCK);
        count > 0;
        count = in.readNBytes(block, 0, BLOCK)) {
      if (interruption.requested()) {
        throw new CancelledException();
      }
      if (!java.util.Arrays.equals(block, 0, count, zeros, 0, count)) {
        write(ByteBuffer.wrap(block, 0, count), channel, size);
        written = size + count;
      }
      size += count;
    }
    if (written < size) {
      write(ByteBuffer.wrap(zeros, 0, 1), channel, size - 1);
    }
  }

  private static void write(ByteBuffer bytes, FileChannel channel, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  private void remove() {
    if (!path.toFile().delete()) {
      System.err.println("platter: " + path + ": is left behind");
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
