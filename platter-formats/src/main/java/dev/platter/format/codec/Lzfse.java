package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;

/// LZFSE, Apple's compression with finite-state entropy coding: a stream of blocks, each with a
/// magic number, until the block that says that it is the last one.
///
/// Blocks are bytes as they are (`bvx-`), entropy-coded (`bvx2`, see [LzfseBlock]) or in the
/// simpler code of small streams (`bvxn`, see [Lzvn]). `bvx1`, which has its tables unpacked and
/// which no encoder writes, is not known.
final class Lzfse implements Decompressor {
  private static final int END = 0x2478_7662;
  private static final int PLAIN = 0x2d78_7662;
  private static final int CODED = 0x3278_7662;
  private static final int SMALL = 0x6e78_7662;

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    var out = new LzOutput(unit.byteSize());
    try {
      var in = new LzInput(stored);
      while (block(in, out)) {
        // until the last one
      }
    } catch (DataFormatException _) {
      return false;
    }
    out.deliver(unit);
    return out.full();
  }

  /// Decodes a block.
  ///
  /// @return whether another one follows
  private static boolean block(LzInput in, LzOutput out) throws DataFormatException {
    int magic = (int) in.u32();
    if (magic == END) {
      return false;
    }
    long size = in.u32();
    long end = out.size() + size;
    switch (magic) {
      case PLAIN -> out.literals(in, size);
      case CODED -> new LzfseBlock(in).decode(out);
      case SMALL -> Lzvn.decode(in.part(in.u32()), out, end);
      default -> throw new DataFormatException("no block");
    }
    if (out.size() != end) {
      throw new DataFormatException("a block of another size");
    }
    return true;
  }

  @Override
  public void close() {
    // keeps nothing
  }
}
