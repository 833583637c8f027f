package dev.platter.format.parallels;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.map.FlatMap;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// An image in words.
final class ParallelsDescription {
  private ParallelsDescription() {}

  static ImageInfo info(ParallelsImage image) throws IOException {
    ParallelsHeader header = image.session().header();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("magic", header.magicText());
    specific.put("version", header.version());
    specific.put("clusters", header.entries());
    specific.put("data-offset", header.dataStart());
    specific.put("heads", header.heads());
    specific.put("cylinders", header.cylinders());
    header.geometry().ifPresent(g -> specific.put("physical-geometry", text(g)));
    specific.put("empty", (header.flags() & ParallelsHeader.EMPTY) != 0);
    if (header.extension() != 0) {
      specific.put("extensions", extensions(image.session()));
    }
    return new ImageInfo(
        OptionalLong.of(header.cluster()),
        header.marked(),
        false,
        false,
        false,
        Optional.of(header.variant()),
        List.of(),
        specific);
  }

  static String text(Geometry geometry) {
    return geometry.cylinders() + "/" + geometry.heads() + "/" + geometry.sectors();
  }

  private static List<String> extensions(ParallelsSession session) throws IOException {
    if (session.extensionIsStale()) {
      return List.of("out of date");
    }
    List<String> names = new ArrayList<>();
    try {
      for (ParallelsExtension.Part part : session.extension().orElseThrow().parts()) {
        names.add(name(part.section()));
      }
    } catch (ImageException _) {
      return List.of("damaged");
    }
    return names;
  }

  private static String name(ParallelsSection section) {
    return section.isBitmap()
        ? "dirty bitmap"
        : "0x" + Long.toHexString(section.magic()) + " (not known)";
  }

  static void dump(ParallelsImage image, Dump sink) throws IOException {
    ParallelsHeader header = image.session().header();
    fields(ParallelsHeader.STRUCT, header, 0, ParallelsHeader.STRUCT.size(), sink);
    if (header.entries() > 0) {
      sink.begin("block map", ParallelsHeader.STRUCT.size(), 4 * header.entries());
      dumpMap(image, sink);
      sink.end();
    }
    try {
      Optional<ParallelsExtension> extension = image.session().extension();
      if (extension.isPresent()) {
        dumpExtension(extension.get(), sink);
      }
    } catch (ImageException e) {
      sink.begin("format extension", 0, 0);
      sink.field("extension", 56, 8, header.extension(), String.valueOf(e.getMessage()));
      sink.end();
    }
  }

  private static <T> void fields(Struct<T> struct, T value, long position, long length, Dump sink) {
    sink.begin(struct.name(), position, length);
    for (Struct.Field field : struct.fields(value)) {
      Object shown = field.value();
      if (shown instanceof Bytes bytes) {
        shown = field.name().equals("magic") ? text(bytes) : bytes.toString();
      }
      sink.field(field.name(), position + field.offset(), field.size(), shown, note(field));
    }
    sink.end();
  }

  private static String text(Bytes bytes) {
    return bytes.text(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static String note(Struct.Field field) {
    return switch (field.name()) {
      case "tracks" -> "sectors of a cluster";
      case "entries" -> "of the map";
      case "sectors" -> "of the disk";
      case "inUse" -> "0x" + Long.toHexString((Long) field.value());
      case "dataOffset" -> "sector where clusters start";
      case "extension" -> "sector of the format extension";
      default -> "";
    };
  }

  private static void dumpMap(ParallelsImage image, Dump sink) throws IOException {
    FlatMap map = image.tables().map();
    for (long block = 0; block < map.blocks(); ) {
      long run = map.run(block, map.blocks() - block);
      String name =
          run == 1 ? "cluster " + block : "clusters " + block + " to " + (block + run - 1);
      int length = (int) Math.min(4 * run, Integer.MAX_VALUE & -4);
      long entry = map.entry(block);
      String meaning = entry == 0 ? "not in this image" : "at " + map.get(block);
      sink.field(name, map.position(block), length, entry, meaning);
      block += run;
    }
  }

  private static void dumpExtension(ParallelsExtension extension, Dump sink) throws IOException {
    ParallelsExtension.Head head =
        ParallelsExtension.Head.STRUCT.read(extension.storage(), extension.position());
    long size = ParallelsExtension.Head.STRUCT.size();
    sink.begin("format extension", extension.position(), extension.cluster());
    fields(ParallelsExtension.Head.STRUCT, head, extension.position(), size, sink);
    for (ParallelsExtension.Part part : extension.parts()) {
      long length = ParallelsSection.STRUCT.size();
      fields(ParallelsSection.STRUCT, part.section(), part.position(), length, sink);
      if (part.section().isBitmap()) {
        ParallelsBitmap bitmap = extension.bitmap(part);
        long end = ParallelsBitmap.STRUCT.size() + 8 * bitmap.entries();
        fields(ParallelsBitmap.STRUCT, bitmap, part.dataPosition(), end, sink);
      }
    }
    sink.end();
  }
}
