package dev.platter.tests.operation;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The smallest format that has everything that a plan can have: a map in front, places in order,
/// marks for zeros, encoded units, a parent.
///
/// The file starts with the disk's size, then eight bytes a block: 0 unallocated, 1 zeros,
/// otherwise the place, shifted by 20 bits, and the number of encoded bytes, 0 if it is not
/// encoded.
final class ToyFormat implements ImageFormat {
  static final int BLOCK = 8192;
  static final int ZERO = 1;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  static long mapEnd(long size) {
    return (8 + 8 * ((size + BLOCK - 1) / BLOCK) + 4095) & -4096L;
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
    return EnumSet.of(Capability.CREATE, Capability.COMPRESS, Capability.BACKING, Capability.ZERO);
  }

  @Override
  public Probe probe(Storage storage) {
    return new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return new ToyImage(storage);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    Allocation blocks = allocation.align(BLOCK);
    long data = mapEnd(blueprint.size());
    long[] map = new long[(int) ((data - 8) / 8)];
    List<Piece> pieces = new ArrayList<>();
    long place = data;
    for (int run = 0; run < blocks.count(); run++) {
      long length = blocks.end(run) - blocks.start(run);
      for (long at = 0; at < length; at += BLOCK) {
        map[(int) ((blocks.start(run) + at) / BLOCK)] =
            blocks.isZero(run) ? ZERO : (place + at) << 20;
      }
      if (!blocks.isZero(run)) {
        pieces.add(new Piece.Guest(place, length, blocks.start(run)));
        place += length;
      }
    }
    pieces.addFirst(metadata(blueprint.size(), map));
    return Plan.of(PlannedFile.main(place, pieces));
  }

  private static Piece metadata(long size, long[] map) {
    long[] all = new long[map.length + 1];
    all[0] = size;
    System.arraycopy(map, 0, all, 1, map.length);
    byte[] bytes = MemorySegment.ofArray(all).toArray(ValueLayout.JAVA_BYTE);
    return Plan.Piece.bytes(0, bytes);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.of(new ToyPacking(blueprint.size()));
  }

  /// Stores a unit of one repeated byte as that byte, all others as they are.
  private static final class ToyPacking implements Packing {
    private final long size;
    private final long[] map;
    private long place;
    private long lastOffset = -1;

    private ToyPacking(long size) {
      this.size = size;
      this.place = mapEnd(size);
      this.map = new long[(int) ((place - 8) / 8)];
    }

    @Override
    public int unitSize() {
      return BLOCK;
    }

    @Override
    public int encodedLimit() {
      return 16;
    }

    @Override
    public Encoder encoder() {
      return new Encoder() {
        @Override
        public int encode(long offset, MemorySegment unit, MemorySegment target) {
          byte first = unit.get(ValueLayout.JAVA_BYTE, 0);
          if (unit.asSlice(1).mismatch(unit.asSlice(0, BLOCK - 1)) >= 0) {
            return RAW;
          }
          target.set(ValueLayout.JAVA_BYTE, 0, first);
          return 1;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public long place(long offset, int encoded) {
      if (offset <= lastOffset) {
        throw new IllegalStateException(offset + " after " + lastOffset);
      }
      lastOffset = offset;
      long position = place;
      place += encoded == Encoder.RAW ? BLOCK : encoded;
      map[(int) (offset / BLOCK)] = (position << 20) | (encoded == Encoder.RAW ? 0 : encoded);
      return position;
    }

    @Override
    public Plan finish(List<Run> zeros) {
      for (Run run : zeros) {
        for (long at = run.offset(); at < run.offset() + run.length(); at += BLOCK) {
          map[(int) (at / BLOCK)] = ZERO;
        }
      }
      return Plan.of(PlannedFile.main(place, List.of(metadata(size, map))));
    }
  }
}
