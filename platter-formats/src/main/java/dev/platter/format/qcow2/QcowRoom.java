package dev.platter.format.qcow2;

import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;

/// Room for a run of clusters or subclusters.
///
/// @param editor what enters it in the tables
/// @param offset where the run starts on the disk
/// @param length bytes of the disk
/// @param storage what the room is in
/// @param position where the room starts there
/// @param zeroed whether it reads as zeros
/// @param taken first byte and length of the clusters that were allocated for it, and are given
///   back with it; a length of 0 if the run had its place already
/// @param encoded bytes of a compressed cluster, 0 if the room is for bytes as they are
record QcowRoom(
    QcowEditor editor,
    long offset,
    long length,
    Storage storage,
    long position,
    boolean zeroed,
    Taken taken,
    int encoded)
    implements Reservation {

  /// What was allocated.
  record Taken(long position, long length) {
    static final Taken NOTHING = new Taken(0, 0);
  }

  @Override
  public void publish() throws IOException {
    editor.publish(this);
  }

  @Override
  public void cancel() throws IOException {
    editor.cancel(this);
  }
}
