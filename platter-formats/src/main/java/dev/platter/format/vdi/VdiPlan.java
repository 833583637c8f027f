package dev.platter.format.vdi;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Identified;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import dev.platter.struct.Bytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// The layout of a new image: header, map, blocks in the order of the disk.
final class VdiPlan {
  private static final String VARIANT = "variant";
  private static final String STATIC = "static";
  private static final String BLOCK_SIZE = "block_size";
  private static final String DATA_ALIGNMENT = "data_alignment";
  private static final String PREALLOCATION = "preallocation";
  private static final String IDENTITY = "uuid";
  private static final String COMMENT = "comment";
  private static final String PHYSICAL = "physical_geometry";
  private static final String LOGICAL = "logical_geometry";

  static final List<Option> OPTIONS =
      List.of(
          Option.choice(
              VARIANT, List.of("dynamic", "fixed"), "whether blocks are stored on demand"),
          Option.onOff(STATIC, false, "the same as variant=fixed"),
          Option.choice(
              PREALLOCATION,
              List.of("off", "falloc", "full"),
              "room of a fixed image: holes, set aside, or zeros written"),
          Option.size(
              BLOCK_SIZE, "1M", "bytes of a block, a power of two; most programs know only 1M"),
          Option.size(
              DATA_ALIGNMENT, "1M", "where the map and the first block start, a power of two"),
          Option.text(IDENTITY, "UUID of the image, random by default"),
          Option.text(COMMENT, "a comment of at most 255 bytes"),
          Option.text(PHYSICAL, "the drive's geometry as cylinders/heads/sectors"),
          Option.text(LOGICAL, "the BIOS geometry as cylinders/heads/sectors"));

  /// The most blocks that `qemu-img` takes, 512 TiB - 128 MiB of blocks of 1 MiB.
  static final long MOST_BLOCKS = 0x1fff_ff80;

  private static final int SECTOR = 512;
  private static final int LARGEST_BLOCK = 64 << 20;
  private static final int LARGEST_ALIGNMENT = 64 << 20;
  private static final String TEXT = "<<< Platter VirtualBox Disk Image >>>\n";
  private static final ValueLayout.OfInt ENTRY =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Blueprint blueprint;
  private final Options options;
  private final long blockSize;
  private final boolean fixed;

  VdiPlan(Blueprint blueprint) {
    this.blueprint = blueprint;
    this.options = blueprint.options();
    this.blockSize = power(BLOCK_SIZE, LARGEST_BLOCK);
    this.fixed = options.on(STATIC) || options.text(VARIANT).equals("fixed");
  }

  Plan plan(Allocation allocation) {
    checkVariant();
    Allocation blocks = allocation.align(blockSize);
    long stored = fixed ? blocks() * blockSize : blocks.dataBytes();
    VdiHeader header = header(stored / blockSize);
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.bytes(0, Arrays.copyOf(VdiHeader.STRUCT.encode(header), SECTOR)));
    if (header.blocks() > 0) {
      Plan.Source map = fixed ? VdiPlan::fillFixed : new MapSource(blocks, blockSize, child());
      pieces.add(new Piece.Metadata(header.mapStart(), header.mapSize(), map));
    }
    Allocation guest = fixed ? allocation : blocks;
    for (int run = 0; run < guest.count(); run++) {
      if (!guest.isZero(run)) {
        long start = guest.start(run);
        long at = header.dataStart() + (fixed ? start : guest.dataBefore(run));
        pieces.add(new Piece.Guest(at, guest.end(run) - start, start));
      }
    }
    return Plan.of(new PlannedFile("", header.dataStart() + stored, pieces, preallocation()));
  }

  private void checkVariant() {
    boolean dynamic = options.given(VARIANT).equals(Optional.of("dynamic")) && options.on(STATIC);
    if (dynamic) {
      throw new IllegalArgumentException(
          "options variant=dynamic and static=on exclude each other");
    }
    if (fixed && child()) {
      throw new IllegalArgumentException("a fixed VDI image cannot have a parent");
    }
    if (!fixed && preallocation() != Preallocation.OFF) {
      throw new IllegalArgumentException("only a fixed VDI image can be preallocated");
    }
  }

  private Preallocation preallocation() {
    return Preallocation.valueOf(options.text(PREALLOCATION).toUpperCase(Locale.ROOT));
  }

  private boolean child() {
    return blueprint.backing().isPresent();
  }

  private long size() {
    return (blueprint.size() + SECTOR - 1) & -SECTOR;
  }

  private long blocks() {
    return (size() + blockSize - 1) / blockSize;
  }

  private VdiHeader header(long allocated) {
    if (blueprint.size() > MOST_BLOCKS * blockSize) {
      throw new IllegalArgumentException(
          "a VDI image with blocks of "
              + blockSize
              + " bytes holds a disk of at most "
              + MOST_BLOCKS * blockSize
              + " bytes, not "
              + blueprint.size());
    }
    long alignment = power(DATA_ALIGNMENT, LARGEST_ALIGNMENT);
    long mapEnd = alignment + 4 * blocks();
    Bytes none = Bytes.zeros(16);
    Optional<Identified> parent = blueprint.backing().map(VdiChangedHeader::identified);
    return new VdiHeader(
        Bytes.text(TEXT, VdiHeader.TEXT_SIZE),
        VdiHeader.SIGNATURE,
        VdiHeader.VERSION_1_1,
        VdiHeader.LARGE,
        type(),
        0,
        comment(),
        alignment,
        (mapEnd + alignment - 1) & -alignment,
        geometry(PHYSICAL),
        0,
        size(),
        blockSize,
        0,
        blocks(),
        allocated,
        Bytes.mixedEndian(identity()),
        Bytes.mixedEndian(blueprint.identities().get()),
        parent.map(p -> Bytes.mixedEndian(p.identity())).orElse(none),
        parent.flatMap(Identified::modification).map(Bytes::mixedEndian).orElse(none),
        geometry(LOGICAL));
  }

  private long type() {
    if (fixed) {
      return VdiHeader.FIXED;
    }
    return child() ? VdiHeader.DIFFERENCING : VdiHeader.DYNAMIC;
  }

  private UUID identity() {
    Optional<String> given = options.given(IDENTITY);
    if (given.isEmpty()) {
      return blueprint.identities().get();
    }
    try {
      UUID uuid = UUID.fromString(given.get());
      if (uuid.getMostSignificantBits() != 0 || uuid.getLeastSignificantBits() != 0) {
        return uuid;
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw bad(IDENTITY, "a UUID that is not all zeros");
  }

  private Bytes comment() {
    try {
      return VdiChangedHeader.comment(options.text(COMMENT));
    } catch (IllegalArgumentException _) {
      throw bad(COMMENT, "at most 255 bytes of UTF-8");
    }
  }

  private VdiGeometry geometry(String option) {
    Optional<String> given = options.given(option);
    if (given.isEmpty()) {
      return VdiGeometry.UNKNOWN;
    }
    String[] parts = given.get().split("/", -1);
    if (parts.length == 3) {
      try {
        var geometry =
            new Geometry(
                Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        VdiGeometry wanted = VdiGeometry.of(geometry);
        if (geometry.cylinders() <= 0xffff_ffffL && wanted.known().isPresent()) {
          return wanted;
        }
      } catch (NumberFormatException _) {
        // said below
      }
    }
    throw bad(option, "cylinders/heads/sectors, such as 1024/16/63");
  }

  private long power(String option, long most) {
    long value = options.size(option);
    if (value < SECTOR || value > most || Long.bitCount(value) != 1) {
      throw bad(option, "a power of two from 512 to " + most);
    }
    return value;
  }

  private IllegalArgumentException bad(String option, String expected) {
    return new IllegalArgumentException(
        "option " + option + "=" + options.text(option) + ": expected " + expected);
  }

  private static void fillFixed(long start, MemorySegment target) {
    for (long at = 0; at < target.byteSize(); at += 4) {
      set(target, at, (start + at) / 4);
    }
  }

  /// Sets the entry at `at`, or as much of it as there is of the target.
  private static void set(MemorySegment target, long at, long entry) {
    if (at + 4 <= target.byteSize()) {
      target.set(ENTRY, at, (int) entry);
      return;
    }
    for (long i = at; i < target.byteSize(); i++) {
      target.set(ValueLayout.JAVA_BYTE, i, (byte) (entry >>> (8 * (i - at))));
    }
  }

  /// The map, computed where it is asked for.
  ///
  /// @param blocks runs of whole blocks
  /// @param child whether zeros must be said
  private record MapSource(Allocation blocks, long blockSize, boolean child)
      implements Plan.Source {
    @Override
    public void fill(long start, MemorySegment target) {
      long first = start / 4;
      long end = first + (target.byteSize() + 3) / 4;
      target.fill((byte) 0xff);
      for (int run = blocks.runAfter(first * blockSize);
          run < blocks.count() && blocks.start(run) / blockSize < end;
          run++) {
        if (child || !blocks.isZero(run)) {
          fill(run, first, end, target);
        }
      }
    }

    private void fill(int run, long first, long end, MemorySegment target) {
      long runStart = blocks.start(run) / blockSize;
      long from = Math.max(runStart, first);
      long to = Math.min((blocks.end(run) + blockSize - 1) / blockSize, end);
      long place = blocks.dataBefore(run) / blockSize - runStart;
      for (long block = from; block < to; block++) {
        set(target, 4 * (block - first), blocks.isZero(run) ? VdiHeader.ZERO_ENTRY : place + block);
      }
    }
  }
}
