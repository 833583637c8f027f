package dev.platter.format.sparseimage;

import dev.platter.image.ImageException.Corrupt;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// A later node of an image; the numbers of 1010 bands follow, and then these bands.
///
/// @param next where the next node is, 0 if there is none
record IndexNode(Bytes magic, long number, long flags, long next, Bytes reserved) {
  static final Struct<IndexNode> STRUCT =
      Struct.bigEndian(
          "index node", new IndexNode(Bytes.zeros(4), 0, 0, 0, Bytes.zeros(36)), IndexNode::fields);

  private static IndexNode fields(Fields f, IndexNode n) {
    return new IndexNode(
        f.bytes("magic", 4, n.magic),
        f.u32("number", n.number),
        f.u32("flags", n.flags),
        f.u64("next", n.next),
        f.reserved(36, n.reserved));
  }

  /// Checks what the rest of the package takes for granted.
  IndexNode checked(String file, long position) throws Corrupt {
    if (!magic.equals(HeaderNode.MAGIC)) {
      throw new Corrupt(file, "has no index node at " + position + " but " + magic);
    }
    return this;
  }
}
