package dev.platter.format.vhd;

import dev.platter.image.Zeroing;
import java.io.IOException;

/// An open image with blocks and without a parent: what is not in it is zeros.
///
/// @param file its structures
/// @param blocks its blocks
record VhdDynamicImage(VhdFile file, VhdBlocks blocks) implements VhdSparseImage, Zeroing {

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    switch (room) {
      case KEEP -> blocks.zeroInPlace(offset, length);
      case RELEASE -> blocks.remove(offset, length, true);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    blocks.remove(offset, length, true);
  }

  @Override
  public String toString() {
    return file.storage().name();
  }
}
