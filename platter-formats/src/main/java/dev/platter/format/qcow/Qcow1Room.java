package dev.platter.format.qcow;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for clusters.
///
/// @param block the first of them
/// @param zeroed whether nothing was ever written there
record Qcow1Room(Qcow1Tables tables, long block, long count, long position, boolean zeroed)
    implements Reservation {
  @Override
  public long offset() {
    return block << tables.header().clusterBits();
  }

  @Override
  public long length() {
    return count << tables.header().clusterBits();
  }

  @Override
  public Storage storage() {
    return tables.storage();
  }

  @Override
  public void publish() throws IOException {
    for (long at = 0; at < count; at++) {
      tables.set(block + at, position + (at << tables.header().clusterBits()));
    }
    tables.relieve();
  }

  @Override
  public void cancel() {
    tables.room().giveBack(position, length());
  }
}
