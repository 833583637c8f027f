package dev.platter.format.qed;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.Property;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/// Gives an image another parent or none: the name goes beside the present one and becomes durable;
/// then the header, which is in one sector, says where it is.
final class QedDescriber {
  static final Set<Property> PLACES = EnumSet.of(Property.PARENT);

  private final Storage storage;

  QedDescriber(Storage storage) {
    this.storage = storage;
  }

  /// Makes the change, durable when this returns.
  void apply(Description change) throws IOException {
    change.checkPlaces(PLACES, "a QED image");
    if (change.parent().isEmpty()) {
      return;
    }
    QedHeader header = QedHeader.STRUCT.read(storage, 0);
    long features = header.features() & ~(QedHeader.BACKING | QedHeader.RAW_BACKING);
    QedHeader changed = header.on(features, 0, 0);
    if (change.newParent().isPresent()) {
      Backing backing = change.newParent().get();
      byte[] name = name(backing);
      long position = place(header, name.length);
      storage.write(position, MemorySegment.ofArray(name));
      storage.flush();
      boolean raw = backing.format().filter("raw"::equals).isPresent();
      long marks = QedHeader.BACKING | (raw ? QedHeader.RAW_BACKING : 0);
      changed = header.on(features | marks, position, name.length);
    }
    storage.write(0, MemorySegment.ofArray(QedHeader.STRUCT.encode(changed)));
    storage.flush();
  }

  private static byte[] name(Backing backing) {
    byte[] name = backing.name().getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > QedPlan.LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the parent's name has "
              + name.length
              + " bytes, a QED image has room for 1 to "
              + QedPlan.LONGEST_NAME);
    }
    return name;
  }

  /// Behind the header or behind the present name, which is still needed.
  private static long place(QedHeader header, long length) {
    long start = QedHeader.STRUCT.size();
    boolean named = header.has(QedHeader.BACKING);
    long end = named ? header.backingPosition() + header.backingLength() : start;
    if (!named || header.backingPosition() - start >= length) {
      return start;
    }
    if (end + length > header.headerEnd()) {
      throw new IllegalArgumentException(
          "the QED image's header has no room for a parent's name of " + length + " bytes");
    }
    return end;
  }
}
