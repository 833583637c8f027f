package dev.platter.format.vhdx;

import dev.platter.image.Description;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.Storage;
import java.io.IOException;

/// The blocks of an image that is open for writing: which of them, and which of a child's sectors,
/// are in the image, and where new ones go.
final class VhdxBlocks {
  private final VhdxFile file;
  private final VhdxDisk disk;
  private final Storage storage;
  private final VhdxTables tables;
  private final VhdxSpace space;
  private final VhdxLog log;
  private boolean prepared;
  private boolean broken;

  VhdxBlocks(VhdxFile file, VhdxTables tables) {
    this.file = file;
    this.disk = file.disk();
    this.storage = file.storage();
    this.tables = tables;
    this.space = new VhdxSpace(file);
    this.log = new VhdxLog(storage, file.headers());
  }

  /// Whether what the guest sees is going to be something else.
  enum Data {
    CHANGES,
    SAME
  }

  /// Before the first change: nothing is written into an image whose blocks overlap.
  void prepare(Data data) throws IOException {
    space.survey();
    switch (data) {
      case CHANGES -> file.headers().markDataWrite();
      case SAME -> file.headers().markFileWrite();
    }
    prepared = true;
  }

  /// Room for a block, or for sectors of a block in a child.
  Reservation reserve(long offset, long length) throws IOException {
    long block = offset / disk.blockSize();
    long start = block * disk.blockSize();
    int state = VhdxTables.state(tables.entry(block));
    if (state == VhdxTables.FULL) {
      throw new IllegalStateException(storage.name() + ": block " + block + " has a place already");
    }
    if (!disk.hasParent()) {
      return new VhdxRoom(this, start, disk.blockSize(), space.take(disk.blockSize()), true);
    }
    long sector = disk.logicalSector();
    long from = offset / sector * sector;
    long to = Math.min((offset + length + sector - 1) / sector * sector, start + disk.blockSize());
    if (state != VhdxTables.PARTIAL) {
      long place = space.take(disk.blockSize());
      return new VhdxRoom(this, from, to - from, place, true);
    }
    long run = tables.part(from, to - from).length();
    return new VhdxRoom(this, from, run, VhdxTables.place(tables.entry(block)), false);
  }

  Storage storage() {
    return storage;
  }

  VhdxDisk disk() {
    return disk;
  }

  void cancel(VhdxRoom room) {
    if (room.fresh()) {
      space.cancel(room.place(), disk.blockSize());
    }
  }

  /// The room has its bytes.
  void publish(VhdxRoom room) throws IOException {
    long block = room.offset() / disk.blockSize();
    if (room.fresh()) {
      begin(block, room.place());
    }
    if (VhdxTables.state(tables.entry(block)) == VhdxTables.PARTIAL) {
      present(block, room.offset() % disk.blockSize(), room.length());
    }
    relieve();
  }

  /// Gives a block a place full of zeros. What of it the image has does not change, but in an image
  /// without a parent all of it is present.
  private void begin(long block, long place) throws IOException {
    long entry = tables.entry(block);
    releaseKept(entry);
    if (!disk.hasParent() || VhdxTables.isZeros(VhdxTables.state(entry))) {
      tables.set(block, VhdxTables.FULL, place);
      return;
    }
    needBitmap(block);
    tables.fill(block, 0, disk.bytesOf(block), false);
    tables.set(block, VhdxTables.PARTIAL, place);
  }

  private void releaseKept(long entry) throws IOException {
    if (space.isKept(entry)) {
      space.release(VhdxTables.place(entry), disk.blockSize());
    }
  }

  private void needBitmap(long block) throws IOException {
    if (!tables.hasBitmap(block)) {
      tables.setBitmap(block / disk.chunkBlocks(), VhdxTables.FULL, space.take(VhdxFile.MIB));
    }
  }

  private void present(long block, long inBlock, long length) throws IOException {
    tables.fill(block, inBlock, length, true);
    if (tables.isUniform(block, true)) {
      tables.set(block, VhdxTables.FULL, VhdxTables.place(tables.entry(block)));
    }
  }

  /// Makes whole blocks, in a child also sectors, read as zeros and hide the parent.
  void zero(long offset, long length, Room room) throws IOException {
    for (long at = offset; at < offset + length; ) {
      long block = at / disk.blockSize();
      long inBlock = at % disk.blockSize();
      long run = Math.min(disk.bytesOf(block) - inBlock, offset + length - at);
      boolean stored = VhdxTables.isStored(VhdxTables.state(tables.entry(block)));
      if (run < disk.bytesOf(block)) {
        zeroPart(block, inBlock, run, room);
      } else if (stored && (room == Room.KEEP || disk.isFixed())) {
        zeroPlace(block, 0, run, room);
        tables.set(block, VhdxTables.FULL, VhdxTables.place(tables.entry(block)));
      } else {
        mark(block, VhdxTables.ZERO);
      }
      relieve();
      at += run;
    }
  }

  private void zeroPart(long block, long inBlock, long length, Room room) throws IOException {
    int state = VhdxTables.state(tables.entry(block));
    if (VhdxTables.isZeros(state)) {
      return;
    }
    if (state == VhdxTables.NOT_PRESENT) {
      begin(block, space.take(disk.blockSize()));
    } else {
      zeroPlace(block, inBlock, length, room);
    }
    if (VhdxTables.state(tables.entry(block)) == VhdxTables.PARTIAL) {
      present(block, inBlock, length);
    }
  }

  private void zeroPlace(long block, long inBlock, long length, Room room) throws IOException {
    long position = VhdxTables.place(tables.entry(block)) + inBlock;
    if (room == Room.KEEP) {
      storage.zero(position, length);
    } else {
      storage.punch(position, length);
    }
  }

  /// Takes a block's place away and gives it a state that needs none.
  private void mark(long block, int state) throws IOException {
    long entry = tables.entry(block);
    if (VhdxTables.isStored(VhdxTables.state(entry))) {
      space.survey();
      space.release(VhdxTables.place(entry), disk.blockSize());
    } else {
      releaseKept(entry);
    }
    if (entry != state) {
      tables.set(block, state, 0);
    }
  }

  /// Takes whole blocks, in a child also sectors, out of the image.
  void discard(long offset, long length) throws IOException {
    for (long at = offset; at < offset + length; ) {
      long block = at / disk.blockSize();
      long inBlock = at % disk.blockSize();
      long run = Math.min(disk.bytesOf(block) - inBlock, offset + length - at);
      boolean stored = VhdxTables.isStored(VhdxTables.state(tables.entry(block)));
      if (run < disk.bytesOf(block)) {
        discardPart(block, inBlock, run);
      } else if (stored && disk.isFixed()) {
        zeroPlace(block, 0, run, Room.RELEASE);
      } else {
        mark(block, VhdxTables.NOT_PRESENT);
      }
      relieve();
      at += run;
    }
  }

  private void discardPart(long block, long inBlock, long length) throws IOException {
    int state = VhdxTables.state(tables.entry(block));
    if (state == VhdxTables.NOT_PRESENT) {
      return;
    }
    if (VhdxTables.isZeros(state)) {
      begin(block, space.take(disk.blockSize()));
    }
    long place = VhdxTables.place(tables.entry(block));
    if (VhdxTables.state(tables.entry(block)) == VhdxTables.FULL) {
      needBitmap(block);
      tables.fill(block, 0, disk.bytesOf(block), true);
      tables.set(block, VhdxTables.PARTIAL, place);
    }
    tables.fill(block, inBlock, length, false);
    if (tables.isUniform(block, false)) {
      mark(block, VhdxTables.NOT_PRESENT);
    }
  }

  private void relieve() throws IOException {
    if (tables.crowded()) {
      flush();
    }
  }

  /// Data first, then the tables through the log. After a failure nothing is written any more.
  void flush() throws IOException {
    boolean fine = !broken;
    broken = true;
    if (fine && tables.isDirty()) {
      tables.drainTo(log);
      space.settle();
    } else {
      storage.flush();
    }
    broken = !fine;
  }

  /// Changes what the image says about itself.
  ///
  /// @param now the structures with earlier changes of this kind
  void describe(Description change, VhdxFile now) throws IOException {
    new VhdxDescriber(now, tables).apply(change, log);
  }

  /// Everything is in its place when this returns, and the log is not needed to open the image.
  void finish() throws IOException {
    if (broken || !(prepared || tables.isDirty())) {
      return;
    }
    flush();
    log.finish();
    space.trim();
  }
}
