package dev.platter.format.qcow2;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Reads tables in their order, a piece at a time. What is behind the file's end is zeros.
final class QcowCheckTable {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int PIECE = 64 << 10;

  private final Storage storage;
  private final long end;
  private final byte[] bytes;
  private long start = -1;

  QcowCheckTable(Storage storage, int clusterSize) throws IOException {
    this.storage = storage;
    this.end = storage.size();
    this.bytes = new byte[Math.min(clusterSize, PIECE)];
  }

  /// The entry at a position.
  long get(long position) throws IOException {
    long piece = position & -(long) bytes.length;
    if (piece != start) {
      int there = Math.clamp(end - piece, 0, bytes.length);
      storage.read(piece, MemorySegment.ofArray(bytes).asSlice(0, there));
      java.util.Arrays.fill(bytes, there, bytes.length, (byte) 0);
      start = piece;
    }
    int at = (int) (position - piece);
    if (at > bytes.length - Long.BYTES) {
      // a table that is not aligned: told elsewhere, still looked at
      return 0;
    }
    return (long) LONG.get(bytes, at);
  }
}
