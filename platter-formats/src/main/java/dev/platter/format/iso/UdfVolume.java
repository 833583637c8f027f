package dev.platter.format.iso;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The descriptors of a UDF volume.
///
/// @param anchor where they are
/// @param descriptors all that were found, in their order
record UdfVolume(UdfAnchor anchor, List<Descriptor> descriptors) {
  /// Descriptors that are looked at; a volume needs six.
  private static final int MOST = 64;

  private static final int CHARACTERS_8 = 8;
  private static final int CHARACTERS_16 = 16;

  /// Where names are: the volume's in its primary descriptor, the logical volume's in its own
  /// (ECMA-167, part 3, sections 10.1.4 and 10.6.4).
  static final int VOLUME_NAME = 24;

  static final int VOLUME_NAME_LENGTH = 32;
  static final int LOGICAL_NAME = 84;
  static final int LOGICAL_NAME_LENGTH = 128;

  /// A descriptor.
  ///
  /// @param block where it is
  /// @param name the name that it has, empty if it has none
  /// @param intact whether its checksums are right
  record Descriptor(UdfTag tag, long block, String name, boolean intact) {
    /// What it is, in words.
    String kind() {
      return switch (tag.type()) {
        case UdfTag.PRIMARY -> "UDF primary volume descriptor";
        case UdfTag.LOGICAL -> "UDF logical volume descriptor";
        case UdfTag.TERMINATOR -> "UDF end of descriptors";
        default -> "UDF descriptor of type " + tag.type();
      };
    }
  }

  /// Reads what the anchor names, until something is no descriptor.
  static UdfVolume read(Storage storage) throws IOException {
    UdfAnchor anchor = UdfAnchor.read(storage);
    List<Descriptor> found = new ArrayList<>();
    long blocks = Math.min(anchor.mainLength() / IsoVolumes.BLOCK, MOST);
    for (long block = anchor.mainBlock(); block < anchor.mainBlock() + blocks; block++) {
      UdfTag tag = UdfTag.read(storage, block);
      if (!tag.valid(block)) {
        break;
      }
      String name =
          switch (tag.type()) {
            case UdfTag.PRIMARY -> name(storage, block, VOLUME_NAME, VOLUME_NAME_LENGTH);
            case UdfTag.LOGICAL -> name(storage, block, LOGICAL_NAME, LOGICAL_NAME_LENGTH);
            default -> "";
          };
      found.add(new Descriptor(tag, block, name, tag.intact(storage, block)));
      if (tag.type() == UdfTag.TERMINATOR) {
        break;
      }
    }
    return new UdfVolume(anchor, List.copyOf(found));
  }

  /// A name with the width of its characters before it and its length behind it (UDF 2.60, section
  /// 2.1.3).
  private static String name(Storage storage, long block, int at, int length) throws IOException {
    byte[] field = new byte[length];
    long position = block * IsoVolumes.BLOCK + at;
    if (position + length > storage.size()) {
      return "";
    }
    storage.read(position, MemorySegment.ofArray(field));
    byte[] text = Arrays.copyOfRange(field, 1, Math.clamp(field[length - 1] & 0xff, 1, length - 1));
    return switch (field[0]) {
      case CHARACTERS_8 -> new String(text, StandardCharsets.ISO_8859_1);
      case CHARACTERS_16 -> new String(text, StandardCharsets.UTF_16BE);
      default -> "";
    };
  }

  /// The name in the first descriptor of a type, empty if there is none.
  String name(int type) {
    for (Descriptor descriptor : descriptors) {
      if (descriptor.tag().type() == type) {
        return descriptor.name();
      }
    }
    return "";
  }
}
