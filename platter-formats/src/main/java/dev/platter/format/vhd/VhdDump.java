package dev.platter.format.vhd;

import dev.platter.image.Dumpable.Dump;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/// Describes every structure of an image.
final class VhdDump {
  private static final Set<String> TIMES = Set.of("timestamp", "parentTimestamp");
  private static final Set<String> UUIDS = Set.of("identity", "parentIdentity");

  private VhdDump() {}

  /// The footers, the header, the parent's names and the batmap's header.
  static void structures(VhdFile file, Dump sink) throws IOException {
    if (file.leading().isPresent()) {
      footer(sink, "copy of the footer", file.leading().get());
    }
    if (file.header().isPresent()) {
      VhdDynamicHeader header = file.blocks();
      String note = header.isSound() ? "" : "should be " + header.computed();
      show(
          sink,
          "dynamic header",
          VhdDynamicHeader.STRUCT,
          header,
          file.footer().dataOffset(),
          note);
      for (VhdLocator locator : header.locators()) {
        locator(file, sink, locator);
      }
    }
    if (file.batmap().isPresent()) {
      long position = VhdFile.batmapPosition(file.blocks());
      show(sink, "batmap header", VhdBatmapHeader.STRUCT, file.batmap().get(), position, "");
    }
    if (file.trailing().isPresent()) {
      footer(sink, "footer", file.trailing().get());
    }
  }

  private static void footer(Dump sink, String name, VhdFile.Placed placed) {
    VhdFooter footer = placed.footer();
    String note = footer.isSound() ? "" : "should be " + footer.computed();
    show(sink, name, VhdFooter.STRUCT, footer, placed.position(), note);
  }

  private static <T> void show(
      Dump sink, String name, Struct<T> struct, T value, long position, String checksum) {
    sink.begin(name, position, struct.size());
    for (Struct.Field field : struct.fields(value)) {
      String note = field.name().equals("checksum") ? checksum : note(field);
      Object shown = field.value() instanceof Bytes bytes ? text(bytes) : field.value();
      sink.field(field.name(), position + field.offset(), field.size(), shown, note);
    }
    sink.end();
  }

  private static String note(Struct.Field field) {
    return switch (field.value()) {
      case Long time when TIMES.contains(field.name()) -> VhdFooter.time(time).toString();
      case Bytes bytes when UUIDS.contains(field.name()) -> bytes.mixedEndian().toString();
      case Bytes bytes when field.name().equals("parentName") ->
          VhdLocator.decode(bytes.toArray(), StandardCharsets.UTF_16BE).orElse("");
      default -> "";
    };
  }

  /// Letters where all bytes are letters, possibly followed by zeros; else hexadecimal digits.
  static String text(Bytes bytes) {
    String text = bytes.text(StandardCharsets.ISO_8859_1);
    boolean plain = !text.isEmpty() && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    boolean whole = bytes.equals(Bytes.text(plain ? text : "", bytes.length()));
    return plain && whole ? text : bytes.toString();
  }

  private static void locator(VhdFile file, Dump sink, VhdLocator locator) throws IOException {
    Optional<String> text = locator.text(file.storage());
    if (text.isPresent()) {
      sink.begin("parent locator " + locator.platform(), locator.offset(), locator.length());
      sink.field("path", locator.offset(), (int) locator.length(), text.get(), "");
      sink.end();
    }
  }

  /// The block allocation table: the blocks that are in the image.
  static void blocks(VhdFile file, VhdTables tables, Dump sink) throws IOException {
    VhdDynamicHeader header = file.blocks();
    long sectors = header.blockSize() / VhdFooter.SECTOR;
    sink.begin("block allocation table", header.tableOffset(), 4 * header.entries());
    for (long block = tables.next(0); block < tables.blocks(); block = tables.next(block + 1)) {
      long entry = tables.entry(block);
      long place = entry * VhdFooter.SECTOR;
      String note =
          tables.isPlace(block, place, file.storage().size())
              ? tables.count(place) + " of " + sectors + " sectors"
              : "no place for a block";
      sink.field("block " + block, tables.entryPosition(block), 4, entry, note);
    }
    sink.end();
  }
}
