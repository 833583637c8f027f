package dev.platter.format.parallels;

import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// The header of a section of the format extension; its data follows. Little-endian.
///
/// @param magic what kind of section it is, [#BITMAP] or [#END] or something else
/// @param flags what to do if the section is not understood
/// @param size bytes of its data
/// @param unused zeros
record ParallelsSection(long magic, long flags, long size, long unused) {
  static final long END = 0;
  static final long BITMAP = 0x2038_5fae_252c_b34aL;

  /// Who does not understand the section must not change the image.
  private static final long NECESSARY = 1;

  /// Who does not understand the section leaves it as it is.
  private static final long TRANSIT = 2;

  static final Struct<ParallelsSection> STRUCT =
      Struct.littleEndian("section", new ParallelsSection(0, 0, 0, 0), ParallelsSection::fields);

  private static ParallelsSection fields(Fields f, ParallelsSection s) {
    return new ParallelsSection(
        f.u64("magic", s.magic),
        f.u64("flags", s.flags),
        f.u32("size", s.size),
        f.u32("unused", s.unused));
  }

  /// Whether it is a bitmap of what changed since a backup.
  boolean isBitmap() {
    return magic == BITMAP;
  }

  /// Whether an image that has it cannot be changed here.
  boolean forbidsChanges() {
    return !isBitmap() && (flags & NECESSARY) != 0;
  }

  /// Whether it outlives a change of the image.
  boolean stays() {
    return !isBitmap() && (flags & TRANSIT) != 0;
  }

  /// Bytes of the data and what aligns the next section.
  long padded() {
    return (size + 7) & -8;
  }
}
