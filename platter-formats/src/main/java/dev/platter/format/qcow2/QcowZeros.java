package dev.platter.format.qcow2;

import dev.platter.image.Mapping;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing.Room;
import java.io.IOException;

/// Makes runs of whole units zeros, in the way that the version and the data file allow.
///
/// @param map tells what runs are now
/// @param editor changes the tables
record QcowZeros(QcowTables tables, QcowMap map, QcowEditor editor, QcowSession session) {

  void zero(long offset, long end, Room room) throws IOException {
    boolean keep = room == Room.KEEP;
    if (session.rawData()) {
      editor.zeroData(offset, end, keep);
    } else if (tables.head.header().version() > 2) {
      editor.change(
          offset, end, keep ? QcowEditor.Change.ZERO_KEEPING_ROOM : QcowEditor.Change.ZERO);
    } else if (keep || tables.head.backing().isPresent()) {
      store(offset, end, keep);
    } else {
      editor.change(offset, end, QcowEditor.Change.DISCARD);
    }
  }

  /// Version 2 has no mark for zeros: they are stored, unless there is no parent to hide.
  private void store(long offset, long end, boolean keep) throws IOException {
    boolean hides = tables.head.backing().isPresent();
    long at = offset;
    while (at < end) {
      switch (map.map(at, end - at)) {
        case Mapping.Stored(var storage, long position, long length) -> {
          if (keep) {
            storage.zero(position, length);
          } else {
            storage.punch(position, length);
          }
          at += length;
        }
        case Mapping.Unallocated(long length) when !hides -> at += length;
        case Mapping other -> at += storeRoom(at, other.length());
      }
    }
  }

  private long storeRoom(long offset, long length) throws IOException {
    Reservation room = editor.reserve(offset, length);
    room.storage().zero(room.position(), room.length());
    room.publish();
    return room.length();
  }
}
