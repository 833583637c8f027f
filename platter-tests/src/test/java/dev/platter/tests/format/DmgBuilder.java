package dev.platter.tests.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Puts DMG images together by hand, right and wrong ones.
final class DmgBuilder {
  static final int TRAILER = 512;

  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final List<Table> tables = new ArrayList<>();
  private Consumer<ByteBuffer> trailerChange = _ -> {};
  private UnaryOperator<String> plistChange = text -> text;
  private boolean fork;

  /// A block table in the making.
  final class Table {
    private final String name;
    private final ByteBuffer head = ByteBuffer.allocate(204);
    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    private int count;

    private Table(String name, long first, long sectors) {
      this.name = name;
      head.putInt(0, 0x6d69_7368).putInt(4, 1).putLong(8, first).putLong(16, sectors);
    }

    /// Adds a chunk whose bytes are behind all others.
    Table chunk(long type, long first, long sectors, byte[] bytes) {
      int offset = data.size();
      data.writeBytes(bytes);
      return chunk(type, first, sectors, offset, bytes.length);
    }

    /// Adds a chunk.
    Table chunk(long type, long first, long sectors, long offset, long length) {
      ByteBuffer chunk = ByteBuffer.allocate(40);
      chunk.putInt((int) type).putInt(0).putLong(first).putLong(sectors);
      chunk.putLong(offset).putLong(length);
      chunks.writeBytes(chunk.array());
      count++;
      return this;
    }

    /// Changes the head.
    Table head(Consumer<ByteBuffer> change) {
      change.accept(head);
      return this;
    }

    private byte[] bytes() {
      if (head.getInt(200) == 0) {
        head.putInt(200, count);
      }
      return ByteBuffer.allocate(204 + chunks.size())
          .put(head.array())
          .put(chunks.toByteArray())
          .array();
    }
  }

  Table table(String name, long first, long sectors) {
    var table = new Table(name, first, sectors);
    tables.add(table);
    return table;
  }

  /// Tables are resources and not in a property list.
  DmgBuilder inFork() {
    fork = true;
    return this;
  }

  /// Changes the trailer when it is complete.
  DmgBuilder trailer(Consumer<ByteBuffer> change) {
    trailerChange = change;
    return this;
  }

  /// Changes the property list.
  DmgBuilder plist(UnaryOperator<String> change) {
    plistChange = change;
    return this;
  }

  byte[] build() {
    byte[] tail = fork ? resources() : plist().getBytes(StandardCharsets.UTF_8);
    long sectors =
        tables.stream().mapToLong(t -> t.head.getLong(8) + t.head.getLong(16)).max().orElse(0);
    ByteBuffer file = ByteBuffer.allocate(data.size() + tail.length + TRAILER);
    file.put(data.toByteArray()).put(tail);
    ByteBuffer trailer = file.slice(file.position(), TRAILER);
    trailer.putInt(0, 0x6b6f_6c79).putInt(4, 4).putInt(8, TRAILER).putInt(12, 1);
    trailer.putLong(32, data.size());
    trailer.putLong(fork ? 40 : 216, data.size()).putLong(fork ? 48 : 224, tail.length);
    trailer.putInt(488, 1).putLong(492, sectors);
    trailerChange.accept(trailer);
    return file.array();
  }

  private String plist() {
    var text = new StringBuilder();
    text.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.append("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" ");
    text.append("\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n");
    text.append("<plist version=\"1.0\"><dict><key>resource-fork</key><dict><key>blkx</key>");
    text.append("<array>");
    for (Table table : tables) {
      text.append("<dict><key>Attributes</key><string>0x0050</string><key>Data</key><data>\n");
      text.append(Base64.getMimeEncoder().encodeToString(table.bytes()));
      text.append("\n</data><key>ID</key><string>0</string><key>Name</key><string>");
      text.append(table.name).append("</string></dict>");
    }
    text.append("</array></dict></dict></plist>\n");
    return plistChange.apply(text.toString());
  }

  /// A resource fork as Mac OS writes it: 256 bytes in front of the data.
  private byte[] resources() {
    ByteBuffer fork = ByteBuffer.allocate(1 << 16);
    ByteBuffer names = ByteBuffer.allocate(1 << 12);
    ByteBuffer references = ByteBuffer.allocate(12 * tables.size());
    fork.position(256);
    for (int id = 0; id < tables.size(); id++) {
      byte[] bytes = tables.get(id).bytes();
      references.putShort((short) id).putShort((short) names.position());
      references.putInt(fork.position() - 256).putInt(0);
      fork.putInt(bytes.length).put(bytes);
      byte[] name = tables.get(id).name.getBytes(StandardCharsets.US_ASCII);
      names.put((byte) name.length).put(name);
    }
    int map = fork.position();
    fork.putInt(0, 256).putInt(4, map).putInt(8, map - 256);
    // behind the map's head: one type, its references, the names
    fork.position(map + 24);
    fork.putShort((short) 28).putShort((short) (28 + 10 + references.capacity()));
    fork.putShort((short) 0).putInt(0x626c_6b78);
    fork.putShort((short) (tables.size() - 1)).putShort((short) 10);
    fork.put(references.array()).put(names.array(), 0, names.position());
    fork.putInt(12, fork.position() - map);
    byte[] bytes = new byte[fork.position()];
    fork.get(0, bytes);
    return bytes;
  }
}
