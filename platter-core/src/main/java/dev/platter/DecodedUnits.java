package dev.platter;

import dev.platter.image.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/// The last few decoded units, since a guest that reads a compressed disk reads each unit in many
/// small pieces. A request for a whole unit goes past it.
final class DecodedUnits {
  private static final int KEPT_BYTES = 4 << 20;

  private record Key(Object storage, long position) {}

  private final Map<Key, byte[]> units = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  void read(Mapping.EncodedUnit unit, int skip, MemorySegment target) throws IOException {
    if (skip == 0 && target.byteSize() == unit.size()) {
      decode(unit, target);
      return;
    }
    var key = new Key(unit.storage(), unit.position());
    byte[] whole = get(key);
    if (whole == null) {
      whole = new byte[unit.size()];
      decode(unit, MemorySegment.ofArray(whole));
      put(key, whole);
    }
    MemorySegment.copy(MemorySegment.ofArray(whole), skip, target, 0, target.byteSize());
  }

  /// Forgets everything: a place may have been given to other data.
  synchronized void clear() {
    units.clear();
    bytes = 0;
  }

  private synchronized byte[] get(Key key) {
    return units.get(key);
  }

  private synchronized void put(Key key, byte[] whole) {
    if (units.put(key, whole) == null) {
      bytes += whole.length;
    }
    var oldest = units.entrySet().iterator();
    while (bytes > KEPT_BYTES && units.size() > 1) {
      bytes -= oldest.next().getValue().length;
      oldest.remove();
    }
  }

  private static void decode(Mapping.EncodedUnit unit, MemorySegment target) throws IOException {
    long there = Math.clamp(unit.storage().size() - unit.position(), 0, unit.stored());
    try (Buffers.Lease lease = Buffers.lease(Math.max(there, 1))) {
      MemorySegment stored = lease.segment().asSlice(0, there);
      unit.storage().read(unit.position(), stored);
      unit.decoder().decode(stored, target);
    }
  }
}
