package dev.platter.format.vhdx;

import dev.platter.format.vhdx.VhdxLogEntry.Data;
import dev.platter.format.vhdx.VhdxLogEntry.Descriptor;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/// Finds what the log has that may not be in its place yet.
///
/// A sector inside a valid entry never looks like the start of another, so one walk over the log
/// finds all entries, in time that grows with the log's length alone.
final class VhdxLogScan {
  private final Storage storage;
  private final VhdxHeader header;
  private final Map<Long, VhdxLogEntry> entries = new HashMap<>();

  VhdxLogScan(Storage storage, VhdxHeader header) {
    this.storage = storage;
    this.header = header;
  }

  /// An entry and where it is in the log.
  record Found(long start, VhdxLogEntry entry) {}

  /// The active sequence: of the runs of consecutive entries that begin at the tail that their last
  /// entry names, the newest. Empty if there is none: then nothing in the log counts.
  List<Found> active() throws IOException {
    if (header.log().isZero()) {
      return List.of();
    }
    for (long at = 0; at < header.logLength(); at += VhdxLogEntry.SECTOR) {
      Optional<VhdxLogEntry> entry = entry(at);
      if (entry.isPresent()) {
        entries.put(at, entry.get());
      }
    }
    Set<Long> followers = new HashSet<>();
    entries.keySet().forEach(start -> next(start).ifPresent(followers::add));
    return entries.keySet().stream()
        .filter(start -> !followers.contains(start))
        .map(this::fromTail)
        .filter(sequence -> !sequence.isEmpty())
        .max(Comparator.comparing(s -> s.getLast().entry().sequence(), Long::compareUnsigned))
        .orElse(List.of());
  }

  /// Where the entry starts that follows another, if it is there.
  private Optional<Long> next(long start) {
    VhdxLogEntry entry = entries.get(start);
    long behind = (start + entry.length()) % header.logLength();
    VhdxLogEntry next = entries.get(behind);
    return next != null && next.sequence() == entry.sequence() + 1
        ? Optional.of(behind)
        : Optional.empty();
  }

  /// The run of entries from the first one's followers' tail on; empty if the tail is not in it.
  private List<Found> fromTail(long first) {
    List<Found> run = new ArrayList<>();
    Optional<Long> at = Optional.of(first);
    while (at.isPresent()) {
      run.add(new Found(at.get(), entries.get(at.get())));
      at = next(at.get());
    }
    long tail = run.getLast().entry().tail();
    for (int i = 0; i < run.size(); i++) {
      if (run.get(i).start() == tail) {
        return run.subList(i, run.size());
      }
    }
    return List.of();
  }

  /// A sector of the log, which is a ring.
  byte[] sector(long at) throws IOException {
    byte[] bytes = new byte[VhdxLogEntry.SECTOR];
    storage.read(header.logOffset() + at % header.logLength(), MemorySegment.ofArray(bytes));
    return bytes;
  }

  private Optional<VhdxLogEntry> entry(long start) throws IOException {
    byte[] first = sector(start);
    VhdxLogEntry entry = VhdxLogEntry.STRUCT.decode(first, 0);
    if (!isPlausible(entry)) {
      return Optional.empty();
    }
    CRC32C crc = VhdxChecksum.start(first);
    byte[] descriptors = first;
    long data = 0;
    for (long i = 0; i < entry.count(); i++) {
      int inSector = (int) ((64 + 32 * i) % VhdxLogEntry.SECTOR);
      if (inSector == 0) {
        descriptors = sector(start + 64 + 32 * i);
        crc.update(descriptors);
      }
      Descriptor descriptor = Descriptor.STRUCT.decode(descriptors, inSector);
      boolean known = descriptor.isData() || descriptor.signature() == Descriptor.ZERO;
      if (!known || descriptor.sequence() != entry.sequence()) {
        return Optional.empty();
      }
      data += descriptor.isData() ? 1 : 0;
    }
    boolean whole = entry.length() == (entry.descriptorSectors() + data) * VhdxLogEntry.SECTOR;
    return whole && hasData(start, entry, data, crc) ? Optional.of(entry) : Optional.empty();
  }

  private boolean isPlausible(VhdxLogEntry entry) {
    return entry.signature() == VhdxLogEntry.SIGNATURE
        && entry.log().equals(header.log())
        && entry.sequence() != 0
        && entry.length() % VhdxLogEntry.SECTOR == 0
        && entry.length() <= header.logLength()
        && entry.descriptorSectors() * VhdxLogEntry.SECTOR <= entry.length()
        && entry.tail() % VhdxLogEntry.SECTOR == 0
        && entry.tail() < header.logLength();
  }

  private boolean hasData(long start, VhdxLogEntry entry, long sectors, CRC32C crc)
      throws IOException {
    long at = start + entry.descriptorSectors() * VhdxLogEntry.SECTOR;
    for (long i = 0; i < sectors; i++) {
      byte[] bytes = sector(at + i * VhdxLogEntry.SECTOR);
      Data data = Data.STRUCT.decode(bytes, 0);
      if (data.signature() != Data.SIGNATURE || data.sequence() != entry.sequence()) {
        return false;
      }
      crc.update(bytes);
    }
    return crc.getValue() == entry.checksum();
  }
}
