package dev.platter.format.parallels;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for clusters.
///
/// @param block the first of them
record ParallelsRoom(ParallelsTables tables, long block, ParallelsPlaces.Room room)
    implements Reservation {
  @Override
  public long offset() {
    return block * tables.header().cluster();
  }

  @Override
  public long length() {
    return room.count() * tables.header().cluster();
  }

  @Override
  public Storage storage() {
    return tables.storage();
  }

  @Override
  public long position() {
    return tables.header().place(room.place());
  }

  @Override
  public boolean zeroed() {
    return room.zeroed();
  }

  @Override
  public void publish() throws IOException {
    tables.publish(block, room);
  }

  @Override
  public void cancel() {
    tables.places().cancel(room);
  }
}
