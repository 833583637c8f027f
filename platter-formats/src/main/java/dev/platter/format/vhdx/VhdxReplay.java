package dev.platter.format.vhdx;

import dev.platter.format.vhdx.VhdxLogEntry.Descriptor;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Overlay;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Puts into place what the log has. Every descriptor is looked at before anything changes.
final class VhdxReplay {
  /// What a descriptor takes in memory when the file itself is left alone.
  private static final long OVERHEAD = 128;

  private final Storage storage;
  private final VhdxHeader header;
  private final VhdxLogScan scan;
  private final List<VhdxLogScan.Found> entries;
  private long end;
  private long memory;

  VhdxReplay(Storage storage, VhdxHeader header) throws IOException {
    this.storage = storage;
    this.header = header;
    this.scan = new VhdxLogScan(storage, header);
    this.entries = scan.active();
  }

  /// Where changes go.
  private interface Target {
    void data(long position, byte[] sector) throws IOException;

    void zeros(long position, long length) throws IOException;
  }

  /// A step over the descriptors.
  private interface Visitor {
    void visit(VhdxLogScan.Found found, Descriptor descriptor, long dataAt) throws IOException;
  }

  /// Whether there is nothing to put into place.
  boolean isEmpty() {
    return entries.isEmpty();
  }

  /// How many entries there are.
  int entries() {
    return entries.size();
  }

  /// Changes the file, durably.
  void apply() throws IOException {
    check();
    if (storage.size() < end) {
      storage.resize(end);
    }
    replay(
        new Target() {
          @Override
          public void data(long position, byte[] sector) throws IOException {
            storage.write(position, MemorySegment.ofArray(sector));
          }

          @Override
          public void zeros(long position, long length) throws IOException {
            storage.zero(position, length);
          }
        });
    storage.flush();
  }

  /// The file as it would be, the changes in memory.
  Overlay inMemory(Limits limits) throws IOException {
    check();
    Limits.check(storage.name(), "bytes of log to be kept in memory", memory, limits.tableCache());
    var changes = new Overlay(storage, end);
    replay(
        new Target() {
          @Override
          public void data(long position, byte[] sector) {
            changes.put(position, sector);
          }

          @Override
          public void zeros(long position, long length) {
            changes.clear(position, length);
          }
        });
    return changes;
  }

  private void replay(Target target) throws IOException {
    visit((_, descriptor, dataAt) -> {
      if (descriptor.isData()) {
        target.data(descriptor.position(), sector(descriptor, dataAt));
      } else if (descriptor.leading() > 0) {
        target.zeros(descriptor.position(), descriptor.leading());
      }
    });
  }

  private byte[] sector(Descriptor descriptor, long dataAt) throws IOException {
    byte[] sector = scan.sector(dataAt);
    VhdxLogEntry.putLittle(sector, 0, descriptor.leading());
    VhdxLogEntry.putLittle(sector, 4, descriptor.leading() >>> 32);
    VhdxLogEntry.putLittle(sector, VhdxLogEntry.SECTOR - 4, descriptor.trailing());
    return sector;
  }

  private void check() throws IOException {
    for (VhdxLogScan.Found found : entries) {
      VhdxLogEntry entry = found.entry();
      if (entry.last() < 0 || entry.last() > VhdxFile.LARGEST) {
        throw corrupt(found, "needs a file of " + Long.toUnsignedString(entry.last()) + " bytes");
      }
      end = Math.max(end, entry.last());
    }
    VhdxLogEntry head = entries.getLast().entry();
    if (head.flushed() < 0 || head.flushed() > storage.size()) {
      throw corrupt(
          entries.getLast(),
          "says that the file had "
              + Long.toUnsignedString(head.flushed())
              + " bytes, it has "
              + storage.size());
    }
    visit((found, descriptor, _) -> check(found, descriptor));
  }

  private void check(VhdxLogScan.Found found, Descriptor descriptor) throws IOException {
    memory += OVERHEAD + (descriptor.isData() ? VhdxLogEntry.SECTOR : 0);
    long position = descriptor.position();
    long length = descriptor.length();
    boolean aligned = (position | length) % VhdxLogEntry.SECTOR == 0;
    boolean inside =
        length >= 0 && position >= VhdxFile.MIB && position <= found.entry().last() - length;
    boolean inLog = position < header.logEnd() && position + length > header.logOffset();
    if (!aligned || !inside || (inLog && length > 0)) {
      throw corrupt(
          found,
          "changes "
              + Long.toUnsignedString(length)
              + " bytes at "
              + Long.toUnsignedString(position)
              + ", which are not whole sectors behind the headers, outside the log and below "
              + found.entry().last());
    }
  }

  private ImageException corrupt(VhdxLogScan.Found found, String what) {
    return new ImageException.Corrupt(
        storage.name(), "VHDX log entry at " + (header.logOffset() + found.start()) + " " + what);
  }

  private void visit(Visitor visitor) throws IOException {
    for (VhdxLogScan.Found found : entries) {
      long data = found.start() + found.entry().descriptorSectors() * VhdxLogEntry.SECTOR;
      byte[] descriptors = scan.sector(found.start());
      for (long i = 0; i < found.entry().count(); i++) {
        int inSector = (int) ((64 + 32 * i) % VhdxLogEntry.SECTOR);
        if (inSector == 0) {
          descriptors = scan.sector(found.start() + 64 + 32 * i);
        }
        Descriptor descriptor = Descriptor.STRUCT.decode(descriptors, inSector);
        visitor.visit(found, descriptor, data);
        data += descriptor.isData() ? VhdxLogEntry.SECTOR : 0;
      }
    }
  }
}
