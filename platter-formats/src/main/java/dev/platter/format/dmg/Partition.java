package dev.platter.format.dmg;

import dev.platter.struct.Bytes;
import java.io.IOException;

/// A table of chunks with its name.
///
/// @param name what it is for, as it is stored
/// @param id its number, as it is stored
/// @param position where it is in the file; where its text starts, if it is in a property list
/// @param length bytes there
/// @param head its head
/// @param table all of it
record Partition(String name, String id, long position, long length, BlockTable head, Bytes table) {

  /// Takes chunks.
  @FunctionalInterface
  interface Sink {
    /// Takes the next chunk.
    void accept(int index, Chunk chunk) throws IOException;
  }

  /// How many chunks it has, those without sectors too.
  int chunks() {
    return (int) head.chunks();
  }

  /// Hands over all chunks in their order.
  void forEach(Sink sink) throws IOException {
    byte[] bytes = table.toArray();
    int at = BlockTable.STRUCT.size();
    for (int index = 0; index < chunks(); index++) {
      sink.accept(index, Chunk.STRUCT.decode(bytes, at));
      at += Chunk.STRUCT.size();
    }
  }

  /// What a message calls it.
  String label() {
    return "block table " + id;
  }
}
