package dev.platter.format.vhd;

import dev.platter.image.ImageException;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.util.Optional;

/// An image's file and the structures at its ends, as they were found when it was opened.
///
/// @param footer the footer that is believed: the one at the end if it is sound, else its copy
/// @param trailing the footer at the end, sound or not; none if there is no footer
/// @param leading the copy at the start, likewise
/// @param header of an image with blocks
/// @param batmap XenServer's, if the image has one
/// @param context what the image was opened with
record VhdFile(
    Storage storage,
    VhdFooter footer,
    Optional<Placed> trailing,
    Optional<Placed> leading,
    Optional<VhdDynamicHeader> header,
    Optional<VhdBatmapHeader> batmap,
    OpenContext context) {

  /// A footer and where it stands.
  record Placed(VhdFooter footer, long position) {}

  /// The creator of images that may have a batmap.
  private static final Bytes XENSERVER = Bytes.text("tap", 4);

  /// Finds the structures and checks what everything else takes for granted.
  static VhdFile open(Storage storage, OpenContext context) throws IOException {
    Optional<Placed> trailing = trailing(storage);
    Optional<Placed> leading = at(storage, 0);
    boolean strict = context.purpose() == Purpose.DATA;
    Placed believed = believed(storage, trailing, leading, strict);
    VhdFooter footer = believed.footer.checked(storage.name(), believed.position);
    Optional<VhdDynamicHeader> header = Optional.empty();
    Optional<VhdBatmapHeader> batmap = Optional.empty();
    if (footer.hasBlocks()) {
      header = Optional.of(header(storage, context, footer, strict));
      batmap = batmap(storage, footer, header.get());
    } else if (footer.size() > believed.position) {
      throw new ImageException.Corrupt(
          storage.name(),
          "ends at "
              + storage.size()
              + ", before the end of its disk of "
              + footer.size()
              + " bytes and a footer");
    }
    return new VhdFile(storage, footer, trailing, leading, header, batmap, context);
  }

  /// The footer at the end; 511 bytes of it are enough.
  static Optional<Placed> trailing(Storage storage) throws IOException {
    Optional<Placed> usual = at(storage, storage.size() - VhdFooter.SIZE);
    return usual.isPresent() ? usual : at(storage, storage.size() - VhdFooter.OLD_SIZE);
  }

  static Optional<Placed> at(Storage storage, long position) throws IOException {
    if (position < 0 || storage.size() - position < VhdFooter.OLD_SIZE) {
      return Optional.empty();
    }
    return Optional.of(new Placed(VhdFooter.STRUCT.read(storage, position), position))
        .filter(placed -> placed.footer.hasCookie());
  }

  private static Placed believed(
      Storage storage, Optional<Placed> trailing, Optional<Placed> leading, boolean strict)
      throws IOException {
    Optional<Placed> copy = leading.filter(p -> p.footer.hasBlocks());
    Optional<Placed> sound =
        trailing.filter(p -> p.footer.isSound()).or(() -> copy.filter(p -> p.footer.isSound()));
    if (sound.isPresent()) {
      return sound.get();
    }
    Optional<Placed> any = trailing.or(() -> copy);
    if (any.isEmpty()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has no VHD footer: no 'conectix' at "
              + Math.max(storage.size() - VhdFooter.SIZE, 0)
              + " nor at 0");
    }
    if (strict) {
      throw new ImageException.Corrupt(
          storage.name(),
          wrong(
              "VHD footer",
              any.get().position,
              any.get().footer.checksum(),
              any.get().footer.computed()));
    }
    return any.get();
  }

  /// A sentence about a wrong checksum.
  static String wrong(String what, long position, long found, long computed) {
    return what
        + " at "
        + position
        + " has checksum 0x"
        + Long.toHexString(found)
        + ", its bytes give 0x"
        + Long.toHexString(computed);
  }

  private static VhdDynamicHeader header(
      Storage storage, OpenContext context, VhdFooter footer, boolean strict) throws IOException {
    long position = footer.dataOffset();
    if (position < VhdFooter.SIZE
        || position % VhdFooter.SECTOR != 0
        || position > storage.size() - VhdDynamicHeader.SIZE) {
      throw new ImageException.Corrupt(
          storage.name(),
          "VHD footer field dataOffset is "
              + Long.toUnsignedString(position)
              + ", no place for a dynamic header in a file of "
              + storage.size()
              + " bytes");
    }
    VhdDynamicHeader header =
        VhdDynamicHeader.STRUCT
            .read(storage, position)
            .checked(storage.name(), position, footer, context.limits(), storage.size());
    if (strict && !header.isSound()) {
      throw new ImageException.Corrupt(
          storage.name(),
          wrong("VHD dynamic header", position, header.checksum(), header.computed()));
    }
    return header;
  }

  private static Optional<VhdBatmapHeader> batmap(
      Storage storage, VhdFooter footer, VhdDynamicHeader header) throws IOException {
    if (!footer.creator().equals(XENSERVER)) {
      return Optional.empty();
    }
    VhdBatmapHeader batmap = VhdBatmapHeader.STRUCT.read(storage, batmapPosition(header));
    boolean usable =
        batmap.cookie().equals(VhdBatmapHeader.COOKIE)
            && batmap.version() >= VhdBatmapHeader.SIGNED
            && batmap.version() <= VhdBatmapHeader.NEWEST
            && batmap.offset() >= batmapPosition(header) + VhdBatmapHeader.SIZE
            && batmap.offset() % VhdFooter.SECTOR == 0
            && batmap.offset() <= storage.size() - batmap.mapSectors() * VhdFooter.SECTOR
            && batmap.mapSectors() * VhdFooter.SECTOR * 8 >= header.entries();
    return usable ? Optional.of(batmap) : Optional.empty();
  }

  /// Where the header of a batmap stands if there is one.
  static long batmapPosition(VhdDynamicHeader header) {
    return header.tableOffset() + header.tableSize();
  }

  /// The structures as they are now, for a look at what is wrong with them.
  VhdFile again() throws IOException {
    return open(storage, context.with(context.access(), Purpose.CHECK));
  }

  /// The header of an image that has blocks.
  VhdDynamicHeader blocks() {
    return header.orElseThrow();
  }

  /// Whether the footer at the end is the one to believe.
  boolean hasFooter() {
    return trailing.isPresent() && trailing.get().footer.isSound();
  }

  /// The position behind the last structure that is neither a block nor the footer at the end.
  long metadataEnd() {
    VhdDynamicHeader blocks = blocks();
    long end = Math.max(footer.dataOffset() + VhdDynamicHeader.SIZE, batmapPosition(blocks));
    if (batmap.isPresent()) {
      end = Math.max(end, batmap.get().offset() + batmap.get().mapSectors() * VhdFooter.SECTOR);
    }
    return end;
  }
}
