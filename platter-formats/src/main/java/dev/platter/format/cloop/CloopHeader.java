package dev.platter.format.cloop;

import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The header (`compressed_loop.h` of cloop 2 and 3).
///
/// @param script a script for the shell that mounts the image; its second line has the version
/// @param blockSize bytes of the disk in a block
/// @param blocks how many there are; there is one offset more
record CloopHeader(Bytes script, long blockSize, long blocks) {
  private static final String START = "#!/bin/sh\n#V";
  private static final String VERSION_2 = "#!/bin/sh\n#V2.0 Format\n";
  private static final int SCRIPT = 128;
  private static final int SECTOR = 512;

  /// As QEMU has it; cloop's own programs warn from 256 KiB on.
  private static final long LARGEST_BLOCK = 64 << 20;

  static final Struct<CloopHeader> STRUCT =
      Struct.bigEndian("header", new CloopHeader(Bytes.zeros(SCRIPT), 0, 0), CloopHeader::fields);

  private static CloopHeader fields(Fields f, CloopHeader h) {
    return new CloopHeader(
        f.bytes("script", SCRIPT, h.script),
        f.u32("blockSize", h.blockSize),
        f.u32("blocks", h.blocks));
  }

  /// The script, up to its first zero byte.
  String text() {
    return script.text(StandardCharsets.ISO_8859_1);
  }

  static Probe claims(Storage storage) throws IOException {
    CloopHeader header = STRUCT.read(storage, 0);
    String text = header.text();
    int end = text.indexOf('\n', START.length());
    boolean versioned =
        text.startsWith(START)
            && end > START.length()
            && Character.isDigit(text.charAt(START.length()))
            && text.substring(0, end).endsWith(" Format");
    if (!versioned) {
      return new Probe.NotMine();
    }
    return storage.size() < STRUCT.size()
        ? new Probe.Broken("it has " + storage.size() + " bytes, its header has " + STRUCT.size())
        : new Probe.Mine();
  }

  /// Reads the header and checks it.
  static CloopHeader read(Storage storage, Limits limits) throws IOException {
    CloopHeader header = STRUCT.read(storage, 0);
    String name = storage.name();
    String text = header.text();
    if (!text.startsWith(START)) {
      throw new ImageException.Corrupt(name, "does not begin as a compressed loop image");
    }
    if (!text.startsWith(VERSION_2)) {
      throw new ImageException.Unsupported(
          name, "is a compressed loop image of another version than 2.0");
    }
    if (header.blockSize == 0
        || header.blockSize % SECTOR != 0
        || header.blockSize > LARGEST_BLOCK) {
      throw new ImageException.Corrupt(
          name,
          "has blockSize "
              + header.blockSize
              + " at position "
              + STRUCT.offset("blockSize")
              + ", expected a multiple of 512 up to "
              + LARGEST_BLOCK);
    }
    Limits.check(name, "bytes of the table of offsets", header.tableBytes(), limits.tables());
    if (header.tableEnd() > storage.size()) {
      throw new ImageException.Corrupt(
          name,
          "has "
              + header.blocks
              + " blocks at position "
              + STRUCT.offset("blocks")
              + ", whose offsets would end behind the file's end");
    }
    return header;
  }

  /// Bytes of the table of offsets.
  long tableBytes() {
    return Long.BYTES * (blocks + 1);
  }

  /// Where it ends.
  long tableEnd() {
    return STRUCT.size() + tableBytes();
  }
}
