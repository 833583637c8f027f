package dev.platter.format.vdi;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.ImageInfo;
import dev.platter.map.FlatMap;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// An image in words.
final class VdiDescription {
  private VdiDescription() {}

  static ImageInfo info(VdiImage image) {
    VdiHeader header = image.header();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("version", header.versionText());
    specific.put("type", header.variant());
    specific.put("blocks", header.blocks());
    specific.put("allocated-blocks", image.tables().count());
    specific.put("extra-bytes-per-block", header.extraSize());
    specific.put("map-offset", header.mapStart());
    specific.put("data-offset", header.dataStart());
    put(specific, "uuid", VdiImage.uuid(header.identity()));
    put(specific, "modification-uuid", image.modification());
    put(specific, "parent-uuid", VdiImage.uuid(header.parent()));
    put(specific, "parent-modification-uuid", VdiImage.uuid(header.parentModification()));
    put(specific, "physical-geometry", image.physical().map(VdiDescription::text));
    put(specific, "logical-geometry", image.logical().map(VdiDescription::text));
    if (!image.comment().isEmpty()) {
      specific.put("comment", image.comment());
    }
    specific.put("creator", header.text().text(StandardCharsets.UTF_8).strip());
    return new ImageInfo(
        OptionalLong.of(header.blockSize()),
        false,
        false,
        false,
        false,
        Optional.of(header.variant()),
        List.of(),
        specific);
  }

  private static void put(SequencedMap<String, Object> target, String name, Optional<?> value) {
    value.ifPresent(v -> target.put(name, v.toString()));
  }

  private static String text(Geometry geometry) {
    return geometry.cylinders() + "/" + geometry.heads() + "/" + geometry.sectors();
  }

  static void dump(VdiImage image, Dump sink) throws IOException {
    VdiHeader header = image.header();
    sink.begin(header.struct().name(), 0, header.end());
    for (Struct.Field field : header.struct().fields(header)) {
      if (field.offset() < header.end()) {
        sink.field(
            field.name(), field.offset(), field.size(), shown(field, image), note(field, header));
      }
    }
    sink.end();
    if (header.blocks() > 0) {
      sink.begin("block map", header.mapStart(), header.mapSize());
      dumpMap(image, sink);
      sink.end();
    }
  }

  private static Object shown(Struct.Field field, VdiImage image) {
    return switch (field.name()) {
      case "allocated" -> image.tables().count();
      case "modification" -> shown(image.modification().map(Bytes::mixedEndian));
      case "identity", "parent", "parentModification" ->
          shown(Optional.of((Bytes) field.value()).filter(b -> !b.isZero()));
      case "text", "comment" -> ((Bytes) field.value()).text(StandardCharsets.UTF_8);
      default -> field.value();
    };
  }

  private static String shown(Optional<Bytes> uuid) {
    return uuid.map(bytes -> bytes.mixedEndian().toString()).orElse("none");
  }

  private static String note(Struct.Field field, VdiHeader header) {
    return switch (field.name()) {
      case "signature" -> "0x" + Long.toHexString(header.signature());
      case "version" -> header.versionText();
      case "headerSize" -> "counted from " + VdiHeader.SIZE_FROM;
      case "type" -> header.variant();
      case "extraSize" -> "bytes in front of each block";
      case "allocated" -> "a hint: the map is what counts";
      case "identity" -> "this image";
      case "modification" -> "this state of it";
      case "parent" -> "the image below";
      case "parentModification" -> "the state of it that this image was made from";
      default -> "";
    };
  }

  private static void dumpMap(VdiImage image, Dump sink) throws IOException {
    VdiHeader header = image.header();
    FlatMap map = image.tables().map();
    for (long block = 0; block < header.blocks(); ) {
      long run = map.run(block, header.blocks() - block);
      long entry = map.entry(block);
      String name = run == 1 ? "block " + block : "blocks " + block + " to " + (block + run - 1);
      int length = (int) Math.min(4 * run, Integer.MAX_VALUE & -4);
      sink.field(name, map.position(block), length, entry, meaning(header, entry));
      block += run;
    }
  }

  private static String meaning(VdiHeader header, long entry) {
    if (entry == VdiHeader.FREE_ENTRY) {
      return "not in this image";
    }
    if (entry == VdiHeader.ZERO_ENTRY) {
      return "zeros";
    }
    return "at " + header.meaning(entry);
  }
}
