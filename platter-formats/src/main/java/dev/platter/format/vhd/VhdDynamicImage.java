package dev.platter.format.vhd;

import dev.platter.image.Zeroing;
import java.io.IOException;

/// An open image with blocks and without a parent: what is not in it is zeros.
final class VhdDynamicImage implements VhdSparseImage, Zeroing {
  private final VhdBlocks blocks;
  private volatile VhdFile file;

  VhdDynamicImage(VhdFile file) throws IOException {
    this.file = file;
    this.blocks = new VhdBlocks(file);
  }

  @Override
  public VhdFile file() {
    return file;
  }

  @Override
  public VhdBlocks blocks() {
    return blocks;
  }

  @Override
  public void changed(VhdFile now) {
    file = now;
  }

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
