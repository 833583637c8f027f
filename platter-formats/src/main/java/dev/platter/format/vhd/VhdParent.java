package dev.platter.format.vhd;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Plan.Piece;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// What a new child says about its parent.
///
/// @param identity the parent's UUID
/// @param timestamp when the parent's file was changed last
/// @param name the parent's file name as the header has it
/// @param locators eight of them
/// @param pieces the names that the locators point to
record VhdParent(
    Bytes identity, long timestamp, Bytes name, List<VhdLocator> locators, List<Piece> pieces) {

  /// No parent.
  static final VhdParent NONE =
      new VhdParent(
          Bytes.zeros(16),
          0,
          Bytes.zeros(VhdDynamicHeader.NAME_SIZE),
          Collections.nCopies(VhdDynamicHeader.LOCATORS, VhdLocator.NONE),
          List.of());

  /// A parent that is at hand.
  ///
  /// @param position where the names go
  static VhdParent of(Backing backing, long position) throws IOException {
    if (!(backing.image().orElse(null) instanceof VhdImage parent)) {
      throw unknown(backing);
    }
    VhdFile file = parent.file();
    long timestamp =
        VhdFooter.timestamp(
            file.storage().modified().orElse(VhdFooter.time(file.footer().timestamp())));
    return named(backing.name(), file.footer().identity(), timestamp, position);
  }

  /// The refusal of a parent whose UUID is not known.
  static IllegalArgumentException unknown(Backing backing) {
    return new IllegalArgumentException(
        "the parent of a VHD must be a VHD that can be opened, for its UUID: '"
            + backing.name()
            + "'");
  }

  /// A parent of a name.
  ///
  /// @param position where the names go
  static VhdParent named(String name, Bytes identity, long timestamp, long position) {
    String path = name.replace('/', '\\');
    boolean absolute = path.startsWith("\\") || (path.length() > 1 && path.charAt(1) == ':');
    List<VhdLocator> locators = new ArrayList<>();
    List<Piece> pieces = new ArrayList<>();
    if (!absolute) {
      String relative = path.startsWith(".") ? path : ".\\" + path;
      add(VhdLocator.RELATIVE, relative, position, locators, pieces);
    }
    long next = position + room(pieces);
    add(VhdLocator.ABSOLUTE, path, next, locators, pieces);
    while (locators.size() < VhdDynamicHeader.LOCATORS) {
      locators.add(VhdLocator.NONE);
    }
    return new VhdParent(identity, timestamp, shortName(path), List.copyOf(locators), pieces);
  }

  private static void add(
      Bytes platform, String path, long position, List<VhdLocator> locators, List<Piece> pieces) {
    byte[] text = encode(path, StandardCharsets.UTF_16LE);
    if (text.length > VhdLocator.LONGEST) {
      throw new IllegalArgumentException("the parent's name is too long: '" + path + "'");
    }
    int room = (text.length + VhdFooter.SECTOR - 1) & -VhdFooter.SECTOR;
    // in bytes, as VirtualBox writes it, not in sectors as the specification says
    locators.add(new VhdLocator(platform, room, text.length, 0, position));
    pieces.add(Piece.bytes(position, Arrays.copyOf(text, room)));
  }

  private static byte[] encode(String text, Charset charset) {
    if (text.isEmpty() || text.indexOf('\0') >= 0 || !charset.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("'" + text + "' is no name for a parent");
    }
    return text.getBytes(charset);
  }

  /// The file name without its folder, as far as it has room.
  private static Bytes shortName(String path) {
    String name = path.substring(path.lastIndexOf('\\') + 1);
    int most = VhdDynamicHeader.NAME_SIZE / 2 - 1;
    int length = Math.min(name.length(), most);
    boolean halved = length < name.length() && Character.isHighSurrogate(name.charAt(length - 1));
    byte[] text =
        name.substring(0, halved ? length - 1 : length).getBytes(StandardCharsets.UTF_16BE);
    return Bytes.of(Arrays.copyOf(text, VhdDynamicHeader.NAME_SIZE));
  }

  /// Bytes of the names.
  long size() {
    return room(pieces);
  }

  private static long room(List<Piece> pieces) {
    return pieces.stream().mapToLong(Piece::length).sum();
  }
}
