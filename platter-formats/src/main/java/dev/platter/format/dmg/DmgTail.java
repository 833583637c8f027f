package dev.platter.format.dmg;

import dev.platter.image.Plan.Piece;
import dev.platter.struct.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/// What is behind the data of a new image: the property list with its one block table, and the
/// trailer.
final class DmgTail {
  /// Sectors that Apple's images ask for besides those of a chunk.
  private static final int MORE_BUFFERS = 8;

  private static final long FLATTENED = 1;
  private static final long DEVICE = 1;
  private static final int LINE = 76;

  private static final String HEAD =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
      "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      <dict>
      \t<key>resource-fork</key>
      \t<dict>
      \t\t<key>blkx</key>
      \t\t<array>
      \t\t\t<dict>
      \t\t\t\t<key>Attributes</key>
      \t\t\t\t<string>0x0050</string>
      \t\t\t\t<key>CFName</key>
      \t\t\t\t<string>whole disk (unknown partition : 0)</string>
      \t\t\t\t<key>Data</key>
      \t\t\t\t<data>
      """;

  private static final String FOOT =
      """
      \t\t\t\t</data>
      \t\t\t\t<key>ID</key>
      \t\t\t\t<string>0</string>
      \t\t\t\t<key>Name</key>
      \t\t\t\t<string>whole disk (unknown partition : 0)</string>
      \t\t\t</dict>
      \t\t</array>
      \t</dict>
      </dict>
      </plist>
      """;

  private final DmgOptions options;
  private final UUID identity;

  DmgTail(DmgOptions options, UUID identity) {
    this.options = options;
    this.identity = identity;
  }

  /// The pieces behind the data.
  ///
  /// @param dataEnd bytes of the data
  /// @param data the checksum of the data as it is stored
  /// @param content the checksum of the disk
  List<Piece> pieces(DmgTable table, long dataEnd, Checksum data, Checksum content) {
    byte[] plist = plist(table, content);
    Checksum master = Checksum.NONE;
    if (content.isCrc32()) {
      var crc = new Crc();
      crc.add(content.value().toArray(), 0, Integer.BYTES);
      master = Checksum.crc32(crc.sum());
    }
    var trailer =
        new KolyTrailer(
            KolyTrailer.MAGIC,
            KolyTrailer.VERSION,
            KolyTrailer.LENGTH,
            FLATTENED,
            0,
            0,
            dataEnd,
            0,
            0,
            1,
            1,
            segment(),
            data,
            dataEnd,
            plist.length,
            Bytes.zeros(64),
            0,
            0,
            Bytes.zeros(40),
            master,
            DEVICE,
            options.size() / KolyTrailer.SECTOR,
            Bytes.zeros(12));
    return List.of(
        Piece.bytes(dataEnd, plist),
        Piece.bytes(dataEnd + plist.length, KolyTrailer.STRUCT.encode(trailer)));
  }

  private Bytes segment() {
    return Bytes.of(
        ByteBuffer.allocate(16)
            .putLong(identity.getMostSignificantBits())
            .putLong(identity.getLeastSignificantBits())
            .array());
  }

  private byte[] plist(DmgTable table, Checksum content) {
    int buffers = options.chunkSize() / KolyTrailer.SECTOR + MORE_BUFFERS;
    long sectors = options.size() / KolyTrailer.SECTOR;
    int chunkLength = Chunk.STRUCT.size();
    ByteBuffer blocks = ByteBuffer.allocate(BlockTable.STRUCT.size() + table.count() * chunkLength);
    blocks.put(BlockTable.STRUCT.encode(BlockTable.of(sectors, buffers, content, table.count())));
    for (int chunk = 0; chunk < table.count(); chunk++) {
      blocks.put(Chunk.STRUCT.encode(table.chunk(chunk)));
    }
    byte[] head = HEAD.getBytes(StandardCharsets.US_ASCII);
    byte[] foot = FOOT.getBytes(StandardCharsets.US_ASCII);
    byte[] data = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encode(blocks.array());
    return ByteBuffer.allocate(head.length + data.length + 1 + foot.length)
        .put(head)
        .put(data)
        .put((byte) '\n')
        .put(foot)
        .array();
  }
}
