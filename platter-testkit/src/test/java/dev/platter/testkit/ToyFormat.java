package dev.platter.testkit;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The smallest format that has everything the kit looks at: a sector of header, a map of four-byte
/// entries, and blocks. It can be told to be wrong in one way.
final class ToyFormat implements ImageFormat {
  static final int BLOCK = 1024;
  private static final long MAGIC = 0x544f59544f593121L;
  private static final int NAME = 24;
  private final Flaw flaw;

  /// What is wrong with it.
  enum Flaw {
    NONE,
    /// The map goes out before the data.
    MAP_FIRST,
    /// A flush does not reach the medium.
    NO_BARRIER,
    /// A place is given away while the map on disk still names it.
    EARLY_REUSE,
    /// A cancelled reservation keeps its place.
    LEAK,
    /// Zeroing makes a block unallocated, so that the parent shows through.
    ZERO_SHOWS_PARENT,
    /// Data is called zero.
    MAP_LIES,
    /// The last entry of the map is not checked.
    UNCHECKED_ENTRY,
    /// The table's size is believed.
    UNCHECKED_SIZE,
    /// A failed write of the map is forgotten.
    FORGETS_FAILURE
  }

  ToyFormat(Flaw flaw) {
    this.flaw = flaw;
  }

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Toy";
  }

  @Override
  public List<String> extensions() {
    return List.of("toy");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.BACKING,
        Capability.ZERO,
        Capability.DISCARD,
        Capability.CHECK);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    if (storage.size() < 512) {
      return new Probe.NotMine();
    }
    return header(storage).getLong(0) == MAGIC ? new Probe.Mine() : new Probe.NotMine();
  }

  private static ByteBuffer header(Storage storage) throws IOException {
    var header = ByteBuffer.allocate(512);
    storage.read(0, MemorySegment.ofArray(header.array()));
    return header;
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    ByteBuffer header = header(storage);
    if (header.getLong(0) != MAGIC) {
      throw new ImageException.Corrupt(storage.name(), "magic " + header.getLong(0));
    }
    long size = header.getLong(8);
    if (size <= 0 || size > 1L << 40) {
      throw new ImageException.Corrupt(storage.name(), "size " + size + " at 8");
    }
    long blocks = (size + BLOCK - 1) / BLOCK;
    if (flaw != Flaw.UNCHECKED_SIZE) {
      long most = Math.max(storage.size() - 512, 0) / 4;
      Limits.check(storage.name(), "blocks", blocks, most);
    }
    int length = header.getInt(16);
    if (length < 0 || length > 512 - NAME) {
      throw new ImageException.Corrupt(storage.name(), "name of " + length + " bytes at 16");
    }
    var parent = new String(header.array(), NAME, length, StandardCharsets.UTF_8);
    int[] map = new int[Math.toIntExact(blocks)];
    byte[] bytes = new byte[map.length * 4];
    storage.read(512, MemorySegment.ofArray(bytes));
    ByteBuffer.wrap(bytes).asIntBuffer().get(map);
    return new ToyImage(storage, size, map, parent, flaw);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    long size = blueprint.size();
    if (size <= 0 || size > 1L << 30) {
      throw new IllegalArgumentException("a toy of " + size + " bytes");
    }
    int[] map = new int[(int) ((size + BLOCK - 1) / BLOCK)];
    long base = ToyImage.base(map.length);
    var pieces = new ArrayList<Piece>();
    Allocation blocks = allocation.align(BLOCK);
    int place = 0;
    for (int run = 0; run < blocks.count(); run++) {
      long start = blocks.start(run);
      long end = blocks.end(run);
      if (!blocks.isZero(run)) {
        pieces.add(new Piece.Guest(base + (long) place * BLOCK, end - start, start));
      }
      for (long at = start; at < end; at += BLOCK) {
        map[(int) (at / BLOCK)] = blocks.isZero(run) ? ToyImage.ZERO : ++place;
      }
    }
    var table = ByteBuffer.allocate(map.length * 4);
    table.asIntBuffer().put(map);
    pieces.add(0, Plan.Piece.bytes(512, table.array()));
    pieces.add(0, Plan.Piece.bytes(0, header(blueprint)));
    long end = base + (long) place * BLOCK;
    return Plan.of(Plan.PlannedFile.main(end, pieces));
  }

  private static byte[] header(Blueprint blueprint) {
    byte[] name =
        blueprint
            .backing()
            .map(Blueprint.Backing::name)
            .orElse("")
            .getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(512)
        .putLong(MAGIC)
        .putLong(blueprint.size())
        .putInt(name.length)
        .put(NAME, name)
        .array();
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
