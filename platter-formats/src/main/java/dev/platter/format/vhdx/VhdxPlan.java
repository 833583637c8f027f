package dev.platter.format.vhdx;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.struct.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The layout of a new image: headers, region tables, log, metadata, BAT, blocks in the order of
/// the disk.
final class VhdxPlan {
  private static final String SUBFORMAT = "subformat";
  private static final String BLOCK_SIZE = "block_size";
  private static final String STATE_ZERO = "block_state_zero";
  private static final String LOG_SIZE = "log_size";
  private static final String LOGICAL = "logical_sector_size";
  private static final String PHYSICAL = "physical_sector_size";

  static final List<Option> OPTIONS =
      List.of(
          Option.choice(
              SUBFORMAT, List.of("dynamic", "fixed"), "whether blocks are stored on demand"),
          Option.size(
              BLOCK_SIZE,
              "0",
              "bytes of a block, a power of two from 1M to 256M; by default 8M to 64M, as the disk's"
                  + " size is"),
          Option.onOff(
              STATE_ZERO,
              true,
              "blocks that are not stored are said to be zeros, and not left undefined"),
          Option.size(LOG_SIZE, "1M", "bytes of the log, a multiple of 1M"),
          Option.size(LOGICAL, "512", "bytes of a sector, 512 or 4096; a child has its parent's"),
          Option.size(PHYSICAL, "4096", "bytes of a sector of the drive, 512 or 4096"));

  private static final String CREATOR = "Platter";
  private static final long MIB = VhdxFile.MIB;
  private static final long LARGEST_LOG = 1L << 30;

  private final Blueprint blueprint;
  private final Options options;
  private final VhdxDisk disk;

  VhdxPlan(Blueprint blueprint) {
    this.blueprint = blueprint;
    this.options = blueprint.options();
    this.disk = disk();
  }

  Plan plan(Allocation allocation) {
    long logEnd = MIB + logSize();
    long batStart = logEnd + MIB;
    long batSize = Math.max(up(8 * disk.entries(), MIB), MIB);
    var runs = new VhdxRuns(disk, allocation, batStart + batSize, options.on(STATE_ZERO));
    List<VhdxRegion> regions =
        List.of(
            new VhdxRegion(VhdxRegion.BAT, batStart, batSize, 1),
            new VhdxRegion(VhdxRegion.METADATA, logEnd, MIB, 1));
    byte[] table = VhdxRegionTable.encode(regions);
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.bytes(0, identifier()));
    VhdxHeader header = header();
    pieces.add(Piece.bytes(VhdxHeader.FIRST, header.encode()));
    pieces.add(Piece.bytes(VhdxHeader.SECOND, header.sequence(1).encode()));
    pieces.add(Piece.bytes(VhdxRegionTable.FIRST, table));
    pieces.add(Piece.bytes(VhdxRegionTable.SECOND, table));
    pieces.add(Piece.bytes(logEnd, VhdxMetadata.encode(disk)));
    if (disk.entries() > 0) {
      pieces.add(new Piece.Metadata(batStart, 8 * disk.entries(), runs::fillTable));
    }
    runs.addTo(pieces);
    return Plan.of(PlannedFile.main(runs.end(), pieces));
  }

  private static long up(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }

  private static byte[] identifier() {
    byte[] bytes = new byte[VhdxFile.CREATOR + VhdxFile.CREATOR_SIZE];
    byte[] signature = VhdxFile.SIGNATURE.getBytes(StandardCharsets.US_ASCII);
    byte[] creator = CREATOR.getBytes(StandardCharsets.UTF_16LE);
    System.arraycopy(signature, 0, bytes, 0, signature.length);
    System.arraycopy(creator, 0, bytes, VhdxFile.CREATOR, creator.length);
    return bytes;
  }

  private VhdxHeader header() {
    return new VhdxHeader(
        VhdxHeader.SIGNATURE,
        0,
        0,
        Bytes.mixedEndian(blueprint.identities().get()),
        Bytes.mixedEndian(blueprint.identities().get()),
        VhdxHeader.NO_GUID,
        0,
        VhdxHeader.VERSION,
        logSize(),
        MIB);
  }

  private VhdxDisk disk() {
    boolean fixed = options.text(SUBFORMAT).equals("fixed");
    Optional<VhdxImage> parent = blueprint.backing().map(VhdxPlan::parent);
    if (fixed && parent.isPresent()) {
      throw new IllegalArgumentException("a fixed VHDX image cannot have a parent");
    }
    long logical = sector(LOGICAL);
    if (parent.isPresent()) {
      long parents = parent.get().file().disk().logicalSector();
      if (options.has(LOGICAL) && logical != parents) {
        throw bad(LOGICAL, "the parent's " + parents);
      }
      logical = parents;
    }
    if (blueprint.size() > VhdxDisk.LARGEST) {
      throw new IllegalArgumentException(
          "a VHDX image holds a disk of at most 64 TiB, not " + blueprint.size() + " bytes");
    }
    return new VhdxDisk(
        blockSize(),
        fixed,
        parent.isPresent(),
        up(blueprint.size(), logical),
        Bytes.mixedEndian(blueprint.identities().get()),
        logical,
        sector(PHYSICAL),
        parent.map(image ->
            VhdxLocator.of(
                blueprint.backing().orElseThrow().name(), image.modification().orElseThrow())),
        List.of());
  }

  /// The data-write GUID of a parent.
  ///
  /// @throws IllegalArgumentException if it is not at hand
  static UUID state(Backing backing) {
    return parent(backing).modification().orElseThrow();
  }

  private static VhdxImage parent(Backing backing) {
    if (backing.image().orElse(null) instanceof VhdxImage image) {
      return image;
    }
    throw new IllegalArgumentException(
        "the parent of a VHDX image must be a VHDX image that can be opened, for its data-write GUID;"
            + " '"
            + backing.name()
            + "' is not");
  }

  private long blockSize() {
    long size = options.size(BLOCK_SIZE);
    if (size == 0) {
      return usualBlockSize();
    }
    boolean fits = size >= VhdxDisk.SMALLEST_BLOCK && size <= VhdxDisk.LARGEST_BLOCK;
    if (!fits || Long.bitCount(size) != 1) {
      throw bad(BLOCK_SIZE, "a power of two from 1M to 256M");
    }
    return size;
  }

  /// As `qemu-img` chooses it.
  private long usualBlockSize() {
    if (blueprint.size() > 32L << 40) {
      return 64 * MIB;
    } else if (blueprint.size() > 100L << 30) {
      return 32 * MIB;
    }
    return (blueprint.size() > 1L << 30 ? 16 : 8) * MIB;
  }

  private long logSize() {
    long size = options.size(LOG_SIZE);
    if (size < MIB || size > LARGEST_LOG || size % MIB != 0) {
      throw bad(LOG_SIZE, "a multiple of 1M, at most 1G");
    }
    return size;
  }

  private long sector(String option) {
    long size = options.size(option);
    if (size != 512 && size != 4096) {
      throw bad(option, "512 or 4096");
    }
    return size;
  }

  private IllegalArgumentException bad(String option, String expected) {
    return new IllegalArgumentException(
        "option " + option + "=" + options.text(option) + ": expected " + expected);
  }
}
