package dev.platter.format.iso;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// A primary or supplementary volume descriptor of ISO 9660. Numbers are there twice, in both byte
/// orders; the second is named after the first.
///
/// @param type 1 primary, 2 supplementary or enhanced
/// @param id `CD001`
/// @param version 1, 2 for an enhanced one
/// @param flags of a supplementary one
/// @param system who may use the system area (System Identifier)
/// @param volume the volume's name (Volume Identifier)
/// @param unused nothing
/// @param blocks of the volume (Volume Space Size)
/// @param blocksAgain big-endian
/// @param escapes character sets of a supplementary one (Escape Sequences)
/// @param setSize volumes of the set
/// @param setSizeAgain big-endian
/// @param sequence which volume of the set this is
/// @param sequenceAgain big-endian
/// @param blockSize bytes of a logical block
/// @param blockSizeAgain big-endian
/// @param pathTableSize bytes
/// @param pathTableSizeAgain big-endian
/// @param pathTable block of the little-endian path table
/// @param pathTableCopy its optional copy
/// @param pathTableBig block of the big-endian path table, big-endian
/// @param pathTableBigCopy its optional copy, big-endian
/// @param root the directory record of the root
/// @param set name of the set of volumes
/// @param publisher who published it
/// @param preparer who prepared it
/// @param application which program did
/// @param copyrightFile name of a file
/// @param abstractFile name of a file
/// @param bibliographyFile name of a file
/// @param created digits of a time, and a quarter of hours
/// @param modified the same
/// @param expires the same
/// @param effective the same
/// @param structure 1, 2 for an enhanced one (File Structure Version)
record IsoVolume(
    int type,
    Bytes id,
    int version,
    int flags,
    Bytes system,
    Bytes volume,
    Bytes unused,
    long blocks,
    Bytes blocksAgain,
    Bytes escapes,
    int setSize,
    Bytes setSizeAgain,
    int sequence,
    Bytes sequenceAgain,
    int blockSize,
    Bytes blockSizeAgain,
    long pathTableSize,
    Bytes pathTableSizeAgain,
    long pathTable,
    long pathTableCopy,
    Bytes pathTableBig,
    Bytes pathTableBigCopy,
    Bytes root,
    Bytes set,
    Bytes publisher,
    Bytes preparer,
    Bytes application,
    Bytes copyrightFile,
    Bytes abstractFile,
    Bytes bibliographyFile,
    Bytes created,
    Bytes modified,
    Bytes expires,
    Bytes effective,
    int structure) {

  static final Struct<IsoVolume> STRUCT =
      Struct.littleEndian("volume descriptor", blank(), IsoVolume::fields);

  private static IsoVolume blank() {
    Bytes two = Bytes.zeros(2);
    Bytes four = Bytes.zeros(4);
    Bytes time = Bytes.zeros(17);
    Bytes file = Bytes.zeros(37);
    Bytes name = Bytes.zeros(32);
    Bytes words = Bytes.zeros(128);
    return new IsoVolume(
        0,
        Bytes.zeros(5),
        0,
        0,
        name,
        name,
        Bytes.zeros(8),
        0,
        four,
        name,
        0,
        two,
        0,
        two,
        0,
        two,
        0,
        four,
        0,
        0,
        four,
        four,
        Bytes.zeros(34),
        words,
        words,
        words,
        words,
        file,
        file,
        file,
        time,
        time,
        time,
        time,
        0);
  }

  private static IsoVolume fields(Fields f, IsoVolume v) {
    return new IsoVolume(
        f.u8("type", v.type),
        f.bytes("id", 5, v.id),
        f.u8("version", v.version),
        f.u8("flags", v.flags),
        f.bytes("system", 32, v.system),
        f.bytes("volume", 32, v.volume),
        f.reserved(8, v.unused),
        f.u32("blocks", v.blocks),
        f.bytes("blocksAgain", 4, v.blocksAgain),
        f.bytes("escapes", 32, v.escapes),
        f.u16("setSize", v.setSize),
        f.bytes("setSizeAgain", 2, v.setSizeAgain),
        f.u16("sequence", v.sequence),
        f.bytes("sequenceAgain", 2, v.sequenceAgain),
        f.u16("blockSize", v.blockSize),
        f.bytes("blockSizeAgain", 2, v.blockSizeAgain),
        f.u32("pathTableSize", v.pathTableSize),
        f.bytes("pathTableSizeAgain", 4, v.pathTableSizeAgain),
        f.u32("pathTable", v.pathTable),
        f.u32("pathTableCopy", v.pathTableCopy),
        f.bytes("pathTableBig", 4, v.pathTableBig),
        f.bytes("pathTableBigCopy", 4, v.pathTableBigCopy),
        f.bytes("root", 34, v.root),
        f.bytes("set", 128, v.set),
        f.bytes("publisher", 128, v.publisher),
        f.bytes("preparer", 128, v.preparer),
        f.bytes("application", 128, v.application),
        f.bytes("copyrightFile", 37, v.copyrightFile),
        f.bytes("abstractFile", 37, v.abstractFile),
        f.bytes("bibliographyFile", 37, v.bibliographyFile),
        f.bytes("created", 17, v.created),
        f.bytes("modified", 17, v.modified),
        f.bytes("expires", 17, v.expires),
        f.bytes("effective", 17, v.effective),
        f.u8("structure", v.structure));
  }

  /// Whether names are in UCS-2: a supplementary descriptor of Joliet says so with an escape
  /// sequence (Joliet Specification 1.0, section 4.1).
  boolean joliet() {
    byte[] escape = escapes.toArray();
    return type == IsoDescriptor.SUPPLEMENTARY
        && escape[0] == '%'
        && escape[1] == '/'
        && (escape[2] == '@' || escape[2] == 'C' || escape[2] == 'E');
  }

  /// A text of the descriptor, without the blanks behind it.
  String text(Bytes field) {
    // what should be capitals and digits is anything in the wild; Latin-1 refuses nothing
    Charset charset = joliet() ? StandardCharsets.UTF_16BE : StandardCharsets.ISO_8859_1;
    String text = new String(field.toArray(), charset);
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
      end--;
    }
    return text.substring(0, end);
  }

  /// Whether a number and its copy in the other byte order are different.
  static boolean differ(long number, Bytes again) {
    long copy = 0;
    for (byte b : again.toArray()) {
      copy = copy << 8 | (b & 0xff);
    }
    return copy != number;
  }
}
