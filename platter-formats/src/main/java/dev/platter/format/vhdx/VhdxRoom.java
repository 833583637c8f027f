package dev.platter.format.vhdx;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for a block or, in a child, for some of its sectors.
///
/// @param place where the block is
/// @param fresh the place is a new one and reads as zeros
record VhdxRoom(VhdxBlocks blocks, long offset, long length, long place, boolean fresh)
    implements Reservation {
  @Override
  public Storage storage() {
    return blocks.storage();
  }

  @Override
  public long position() {
    return place + offset % blocks.disk().blockSize();
  }

  @Override
  public boolean zeroed() {
    return fresh;
  }

  @Override
  public void publish() throws IOException {
    blocks.publish(this);
  }

  @Override
  public void cancel() {
    blocks.cancel(this);
  }
}
