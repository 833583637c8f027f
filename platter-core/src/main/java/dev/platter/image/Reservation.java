package dev.platter.image;

import dev.platter.io.Storage;
import java.io.IOException;

/// Room for a run of whole allocation units that nothing refers to yet.
///
/// The engine fills all of it, then publishes; a reservation that is not published is cancelled.
public interface Reservation {

  /// Where the run starts on the disk: at or before the offset asked for.
  long offset();

  /// Bytes of room; the run may end behind the disk's end where the last unit is not whole.
  long length();

  /// What the room is in.
  Storage storage();

  /// Where the room starts in [#storage].
  long position();

  /// Whether the room is known to read as zeros and lies below the storage's end already, so that
  /// zeros need not be written.
  boolean zeroed();

  /// Makes the image's map refer to the room. The map on disk follows at [Image#flush] at the
  /// latest, and never before the bytes in the room are durable.
  void publish() throws IOException;

  /// Gives the room back.
  void cancel() throws IOException;
}
