package dev.platter.format.vhdx;

import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The log of an image that is being written: every change of its tables goes there first.
///
/// Each entry stands for itself (its tail is its own place), since everything older is in its place
/// and durable before it is written. The GUID that makes entries count gets into the headers behind
/// the first entry and is taken out again at the end, so that the headers never promise a log that
/// has none.
final class VhdxLog {
  private final Storage storage;
  private final VhdxHeaders headers;
  private Bytes guid = VhdxHeader.NO_GUID;
  private long next;
  private long sequence = 1;

  VhdxLog(Storage storage, VhdxHeaders headers) {
    this.storage = storage;
    this.headers = headers;
  }

  /// Makes everything durable that was written so far, then the changes, in this order. Changes
  /// that need more than one entry become durable entry by entry.
  void commit(SequencedMap<Long, byte[]> changes) throws IOException {
    SequencedMap<Long, byte[]> part = new LinkedHashMap<>();
    for (var change : changes.entrySet()) {
      part.put(change.getKey(), change.getValue());
      if (part.size() == VhdxLogEntry.IN_FIRST_SECTOR) {
        commitEntry(part);
        part.clear();
      }
    }
    if (!part.isEmpty()) {
      commitEntry(part);
    }
  }

  private void commitEntry(SequencedMap<Long, byte[]> sectors) throws IOException {
    storage.flush();
    boolean isFirst = guid.isZero();
    guid = isFirst ? VhdxHeaders.random() : guid;
    VhdxHeader header = headers.current();
    long length = (1L + sectors.size()) * VhdxLogEntry.SECTOR;
    next = next + length > header.logLength() ? 0 : next;
    byte[] entry = VhdxLogEntry.encode(guid, next, sequence, sectors, storage.size());
    storage.write(header.logOffset() + next, MemorySegment.ofArray(entry));
    storage.flush();
    if (isFirst) {
      headers.markLog(guid);
    }
    sequence++;
    next += length;
    for (var sector : sectors.entrySet()) {
      storage.write(sector.getKey(), MemorySegment.ofArray(sector.getValue()));
    }
  }

  /// Changes metadata, and the data-write GUID along with it; durable and in its place on return.
  ///
  /// @param sectors as many as an entry holds
  void describe(SequencedMap<Long, byte[]> sectors, Bytes state) throws IOException {
    finish();
    storage.flush();
    if (sectors.isEmpty()) {
      headers.update(header -> header.writes(VhdxHeaders.random(), state));
      return;
    }
    Bytes once = VhdxHeaders.random();
    VhdxHeader header = headers.current();
    byte[] entry = VhdxLogEntry.encode(once, 0, sequence, sectors, storage.size());
    storage.write(header.logOffset(), MemorySegment.ofArray(entry));
    storage.flush();
    headers.update(now -> now.writes(VhdxHeaders.random(), state).log(once));
    next = entry.length;
    sequence++;
    for (var sector : sectors.entrySet()) {
      storage.write(sector.getKey(), MemorySegment.ofArray(sector.getValue()));
    }
    storage.flush();
    headers.markLog(VhdxHeader.NO_GUID);
  }

  /// Everything is in its place: the log is not needed any more.
  void finish() throws IOException {
    storage.flush();
    if (!guid.isZero()) {
      headers.markLog(VhdxHeader.NO_GUID);
      guid = VhdxHeader.NO_GUID;
    }
  }
}
