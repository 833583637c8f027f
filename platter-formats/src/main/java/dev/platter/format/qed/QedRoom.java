package dev.platter.format.qed;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for clusters.
///
/// @param block the first of them
/// @param zeroed whether nothing was ever written there
record QedRoom(QedTables tables, long block, long count, long position, boolean zeroed)
    implements Reservation {
  @Override
  public long offset() {
    return block * tables.header().clusterSize();
  }

  @Override
  public long length() {
    return count * tables.header().clusterSize();
  }

  @Override
  public Storage storage() {
    return tables.storage();
  }

  @Override
  public void publish() throws IOException {
    for (long at = 0; at < count; at++) {
      tables.set(block + at, position + at * tables.header().clusterSize());
    }
    tables.relieve();
  }

  @Override
  public void cancel() {
    tables.room().giveBack(position, length());
  }
}
