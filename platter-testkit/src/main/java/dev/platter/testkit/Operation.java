package dev.platter.testkit;

import dev.platter.BlockDevice.Room;
import dev.platter.image.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Something that a guest or its owner does to a disk. Its text is a line of a script for `platter
/// io`, as far as there is a command for it.
sealed interface Operation {

  /// The same at another place; nothing for what has none.
  default List<Operation> simpler() {
    return List.of();
  }

  record Write(long offset, int length, int version) implements Operation {
    @Override
    public List<Operation> simpler() {
      return lower(offset, length, (o, l) -> new Write(o, l, version));
    }

    @Override
    public String toString() {
      return String.format("write -P 0x%02x %d %d", version & 0xff, offset, length);
    }
  }

  record WriteZeros(long offset, int length) implements Operation {
    @Override
    public List<Operation> simpler() {
      return lower(offset, length, WriteZeros::new);
    }

    @Override
    public String toString() {
      return "write -P 0 " + offset + " " + length;
    }
  }

  record Zero(long offset, int length, Room room) implements Operation {
    @Override
    public List<Operation> simpler() {
      return lower(offset, length, (o, l) -> new Zero(o, l, room));
    }

    @Override
    public String toString() {
      return "write -z " + (room == Room.RELEASE ? "-u " : "") + offset + " " + length;
    }
  }

  record Discard(long offset, int length) implements Operation {
    @Override
    public List<Operation> simpler() {
      return lower(offset, length, Discard::new);
    }

    @Override
    public String toString() {
      return "discard " + offset + " " + length;
    }
  }

  record Read(long offset, int length) implements Operation {
    @Override
    public List<Operation> simpler() {
      return lower(offset, length, Read::new);
    }

    @Override
    public String toString() {
      return "read " + offset + " " + length;
    }
  }

  record Flush() implements Operation {
    @Override
    public String toString() {
      return "flush";
    }
  }

  record Reopen() implements Operation {
    @Override
    public String toString() {
      return "reopen";
    }
  }

  /// Compares the extents with the content.
  record Map() implements Operation {
    @Override
    public String toString() {
      return "map";
    }
  }

  /// A new image of a variant on top.
  record Child(int layer, long size) implements Operation {
    @Override
    public String toString() {
      return "# a child, layer " + layer + ", of " + Sizes.format(size) + " (" + size + " bytes)";
    }
  }

  /// Makes an operation of a range.
  @FunctionalInterface
  interface OfRange {
    Operation at(long offset, int length);
  }

  private static List<Operation> lower(long offset, int length, OfRange shape) {
    var simpler = new ArrayList<Operation>();
    if (offset > 0) {
      simpler.add(shape.at(0, length));
      simpler.add(shape.at(offset / 2, length));
      simpler.add(shape.at(offset & -512, length));
    }
    if (length > 1) {
      simpler.add(shape.at(offset, length / 2));
      simpler.add(shape.at(offset, Math.max(length & -512, 1)));
    }
    simpler.removeIf(o -> o.equals(shape.at(offset, length)));
    return simpler;
  }

  /// Makes operations at the places where things go wrong.
  ///
  /// @param size bytes of the disk
  /// @param unit bytes of an allocation unit
  /// @param grain what offsets and lengths are multiples of
  record Shapes(long size, int unit, int grain) {

    Operation any(RandomGenerator dice, int version) {
      long offset = offset(dice);
      int length = length(dice, size - offset);
      return switch (dice.nextInt(20)) {
        case 0, 1, 2 -> new Read(offset, length);
        case 3, 4 -> new Flush();
        case 5 -> new WriteZeros(offset, length);
        case 6, 7 -> new Zero(offset, length, Room.RELEASE);
        case 8 -> new Zero(offset, length, Room.KEEP);
        case 9, 10 -> new Discard(offset, length);
        case 11 -> new Reopen();
        case 12 -> new Map();
        default -> new Write(offset, length, version);
      };
    }

    /// A change or a flush.
    Operation change(RandomGenerator dice, int version) {
      Operation operation = any(dice, version);
      return switch (operation) {
        case Write _, WriteZeros _, Zero _, Discard _, Flush _ -> operation;
        case Read _, Reopen _, Map _, Child _ -> change(dice, version);
      };
    }

    private long offset(RandomGenerator dice) {
      long near = dice.nextLong(size / unit + 1) * unit;
      long offset =
          switch (dice.nextInt(8)) {
            case 0 -> 0;
            case 1 -> size - 1;
            case 2, 3 -> near;
            case 4 -> near + 1;
            case 5 -> near - 1;
            case 6 -> near + 512;
            default -> dice.nextLong(size);
          };
      return Math.clamp(offset, 0, size - 1) / grain * grain;
    }

    private int length(RandomGenerator dice, long most) {
      int length =
          switch (dice.nextInt(10)) {
            case 0 -> 1;
            case 1 -> 511;
            case 2 -> 512;
            case 3 -> 513;
            case 4 -> unit - 1;
            case 5 -> unit;
            case 6 -> unit + 1;
            case 7 -> 3 * unit;
            case 8 -> dice.nextInt(1, 8 * unit + 1);
            default -> dice.nextInt(1, 2 * unit + 1);
          };
      return (int) Math.clamp((length + grain - 1L) / grain * grain, 1, most);
    }
  }
}
