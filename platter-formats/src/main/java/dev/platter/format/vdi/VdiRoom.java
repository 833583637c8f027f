package dev.platter.format.vdi;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for blocks.
///
/// @param block the first of them
record VdiRoom(VdiTables tables, long block, VdiPlaces.Room room) implements Reservation {
  @Override
  public long offset() {
    return block * tables.header().blockSize();
  }

  @Override
  public long length() {
    return room.count() * tables.header().blockSize();
  }

  @Override
  public Storage storage() {
    return tables.storage();
  }

  @Override
  public long position() {
    return tables.header().meaning(room.place());
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
