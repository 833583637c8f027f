package dev.platter.format.qcow;

import dev.platter.image.Description;
import dev.platter.image.Property;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/// Gives an image another parent or none: the name goes where nothing is and becomes durable; then
/// the header, which is in one sector, says where it is.
final class Qcow1Describer {
  static final Set<Property> PLACES = EnumSet.of(Property.PARENT);

  private final Qcow1Tables tables;
  private final Storage storage;

  Qcow1Describer(Qcow1Tables tables) {
    this.tables = tables;
    this.storage = tables.storage();
  }

  /// Makes the change, durable when this returns.
  void apply(Description change) throws IOException {
    change.checkPlaces(PLACES, "a QCOW image");
    if (change.parent().isEmpty()) {
      return;
    }
    Qcow1Header header = Qcow1Header.STRUCT.read(storage, 0);
    Qcow1Header changed = header.on(0, 0);
    if (change.newParent().isPresent()) {
      byte[] name = change.newParent().get().name().getBytes(StandardCharsets.UTF_8);
      if (name.length == 0 || name.length > Qcow1Header.LONGEST_NAME) {
        throw new IllegalArgumentException(
            "the parent's name has "
                + name.length
                + " bytes, a QCOW image has room for 1 to "
                + Qcow1Header.LONGEST_NAME);
      }
      long position = place(header, name.length);
      storage.write(position, MemorySegment.ofArray(name));
      storage.flush();
      changed = header.on(position, name.length);
    }
    storage.write(0, MemorySegment.ofArray(Qcow1Header.STRUCT.encode(changed)));
    storage.flush();
  }

  /// In front of the L1 table beside the present name, which is still needed, or a cluster behind
  /// everything.
  private long place(Qcow1Header header, long length) throws IOException {
    long start = Qcow1Header.STRUCT.size();
    if (header.hasBacking() && header.backingPosition() < header.tablePosition()) {
      boolean before = header.backingPosition() - start >= length;
      start = before ? start : header.backingPosition() + header.backingLength();
    }
    if (start + length <= header.tablePosition()) {
      return start;
    }
    tables.begin();
    return tables.room().take(header.up(length));
  }
}
