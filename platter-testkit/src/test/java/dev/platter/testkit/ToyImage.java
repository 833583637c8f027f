package dev.platter.testkit;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Discarding;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import dev.platter.testkit.ToyFormat.Flaw;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// An open toy image.
final class ToyImage implements Zeroing, Discarding, Claiming {
  static final int ZERO = -1;
  private static final int BLOCK = ToyFormat.BLOCK;
  private final Storage storage;
  private final long size;
  private final int[] map;
  private final String parent;
  private final Flaw flaw;
  private final BitSet used = new BitSet();
  private final BitSet freed = new BitSet();
  private final BitSet dirty = new BitSet();
  private boolean changed;

  ToyImage(Storage storage, long size, int[] map, String parent, Flaw flaw)
      throws ImageException.Corrupt {
    this.storage = storage;
    this.size = size;
    this.map = map;
    this.parent = parent;
    this.flaw = flaw;
    for (int block = 0; block < map.length; block++) {
      int place = map[block];
      boolean bad = place < ZERO || place > 1 << 24;
      if (bad && flaw != Flaw.UNCHECKED_ENTRY) {
        throw new ImageException.Corrupt(storage.name(), "place " + place + " of block " + block);
      }
      if (place > 0) {
        used.set(place);
      }
    }
  }

  static long base(int blocks) {
    return (512 + 4L * blocks + BLOCK - 1) / BLOCK * BLOCK;
  }

  private long position(int place) {
    return base(map.length) + (place - 1L) * BLOCK;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int allocationUnit() {
    return BLOCK;
  }

  @Override
  public Mapping map(long offset, long length) {
    int block = (int) (offset / BLOCK);
    long skip = offset % BLOCK;
    long run = Math.min(Math.min(BLOCK - skip, length), size - offset);
    int place = map[block];
    if (place == ZERO || (flaw == Flaw.MAP_LIES && block == 3)) {
      return new Mapping.Zero(run);
    }
    return place == 0
        ? new Mapping.Unallocated(run)
        : new Mapping.Stored(storage, position(place) + skip, run);
  }

  private void enter(int block, int place) throws IOException {
    if (map[block] > 0) {
      (flaw == Flaw.EARLY_REUSE ? used : freed).flip(map[block]);
    }
    map[block] = place;
    dirty.set(block);
    changed = true;
    if (flaw == Flaw.MAP_FIRST) {
      writeMap();
    }
  }

  @Override
  public Reservation reserve(long offset, long length) {
    int block = (int) (offset / BLOCK);
    int place = used.nextClearBit(1);
    used.set(place);
    return new Room(block, place);
  }

  private final class Room implements Reservation {
    private final int block;
    private final int place;

    private Room(int block, int place) {
      this.block = block;
      this.place = place;
    }

    @Override
    public long offset() {
      return (long) block * BLOCK;
    }

    @Override
    public long length() {
      return BLOCK;
    }

    @Override
    public Storage storage() {
      return storage;
    }

    @Override
    public long position() {
      return ToyImage.this.position(place);
    }

    @Override
    public boolean zeroed() {
      return false;
    }

    @Override
    public void publish() throws IOException {
      enter(block, place);
    }

    @Override
    public void cancel() {
      if (flaw != Flaw.LEAK) {
        used.clear(place);
      }
    }
  }

  @Override
  public void zero(long offset, long length, Zeroing.Room room) throws IOException {
    for (long at = offset; at < offset + length; at += BLOCK) {
      enter((int) (at / BLOCK), flaw == Flaw.ZERO_SHOWS_PARENT ? 0 : ZERO);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    for (long at = offset; at < offset + length; at += BLOCK) {
      enter((int) (at / BLOCK), 0);
    }
  }

  @Override
  public void flush() throws IOException {
    barrier();
    writeMap();
    barrier();
    used.andNot(freed);
    freed.clear();
  }

  private void barrier() throws IOException {
    if (flaw != Flaw.NO_BARRIER) {
      storage.flush();
    }
  }

  private void writeMap() throws IOException {
    for (int block = dirty.nextSetBit(0); block >= 0; block = dirty.nextSetBit(block + 1)) {
      byte[] entry = ByteBuffer.allocate(4).putInt(map[block]).array();
      try {
        storage.write(512 + 4L * block, MemorySegment.ofArray(entry));
      } catch (IOException e) {
        if (flaw != Flaw.FORGETS_FAILURE) {
          throw e;
        }
      }
    }
    dirty.clear();
  }

  @Override
  public void close() throws IOException {
    if (changed) {
      flush();
    }
    storage.close();
  }

  @Override
  public void prepareToWrite() {
    // a toy has no mark for it
  }

  @Override
  public Optional<ParentLink> parent() {
    return parent.isEmpty()
        ? Optional.empty()
        : Optional.of(ParentLink.named(parent, Optional.of("toy")));
  }

  @Override
  public ImageInfo info() {
    return new ImageInfo(
        OptionalLong.of(BLOCK),
        false,
        false,
        false,
        false,
        Optional.empty(),
        List.of(),
        new LinkedHashMap<>());
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return false;
  }

  @Override
  public int claimUnit() {
    return BLOCK;
  }

  @Override
  public void claims(Consumer<Claim> sink) {
    sink.accept(new Claim("header and map", 0, 512 + 4L * map.length));
    for (int block = 0; block < map.length; block++) {
      if (map[block] > 0) {
        sink.accept(new Claim("block " + block, position(map[block]), BLOCK));
      }
    }
  }

  @Override
  public void findings(Consumer<Finding> sink) {
    // everything that can be wrong shows in the claims
  }
}
