package dev.platter.format.dmg;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.ImageInfo;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// An image in words.
final class DmgDescription {
  private DmgDescription() {}

  static ImageInfo info(DmgImage image) {
    ChunkMap chunks = image.chunks();
    ChunkKind kind = kind(chunks);
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("compression-type", kind.compressed() ? kind.label() : "none");
    specific.put("chunks", (long) chunks.count());
    specific.put("data-checksum", image.trailer().dataChecksum().label());
    specific.put("master-checksum", image.trailer().masterChecksum().label());
    List<Object> partitions = new ArrayList<>();
    for (Partition partition : image.partitions()) {
      SequencedMap<String, Object> one = new LinkedHashMap<>();
      one.put("name", partition.name());
      one.put("start", partition.head().firstSector() * KolyTrailer.SECTOR);
      one.put("length", partition.head().sectors() * KolyTrailer.SECTOR);
      partitions.add(one);
    }
    specific.put("partitions", partitions);
    return new ImageInfo(
        OptionalLong.empty(),
        false,
        false,
        false,
        kind.compressed(),
        Optional.of(kind.image()),
        List.of(),
        specific);
  }

  /// How data is stored: the first compressed chunk tells.
  private static ChunkKind kind(ChunkMap chunks) {
    for (int chunk = 0; chunk < chunks.count(); chunk++) {
      if (chunks.kind(chunk).compressed()) {
        return chunks.kind(chunk);
      }
    }
    return ChunkKind.RAW;
  }

  static void dump(DmgImage image, Dump sink) throws IOException {
    KolyTrailer trailer = image.trailer();
    sink.begin("trailer", image.trailerPosition(), KolyTrailer.LENGTH);
    fields(KolyTrailer.STRUCT, trailer, image.trailerPosition(), sink);
    sink.end();
    if (trailer.plistLength() > 0) {
      place("property list", trailer.plistOffset(), trailer.plistLength(), sink);
    }
    if (trailer.resourceForkLength() > 0) {
      place("resource fork", trailer.resourceForkOffset(), trailer.resourceForkLength(), sink);
    }
    for (Partition partition : image.partitions()) {
      dump(partition, sink);
    }
  }

  private static void place(String name, long position, long length, Dump sink) {
    sink.begin(name, position, length);
    sink.field("bytes", position, 0, length, "");
    sink.end();
  }

  /// A table is text in a property list, so that its fields have no places of their own.
  private static void dump(Partition partition, Dump sink) throws IOException {
    long position = partition.position();
    sink.begin(partition.label(), position, partition.length());
    sink.field("name", position, 0, partition.name(), "");
    for (Struct.Field field : BlockTable.STRUCT.fields(partition.head())) {
      sink.field(field.name(), position, field.size(), shown(field.value()), "");
    }
    partition.forEach((index, chunk) -> {
      sink.begin("chunk " + index, position, 0);
      String kind = ChunkKind.of(chunk.type()).map(ChunkKind::label).orElse("unknown");
      for (Struct.Field field : Chunk.STRUCT.fields(chunk)) {
        String note = field.name().equals("type") ? kind : "";
        sink.field(field.name(), position, field.size(), shown(field.value()), note);
      }
      sink.end();
    });
    sink.end();
  }

  private static <T> void fields(Struct<T> struct, T value, long position, Dump sink) {
    for (Struct.Field field : struct.fields(value)) {
      sink.field(field.name(), position + field.offset(), field.size(), shown(field.value()), "");
    }
  }

  private static Object shown(Object value) {
    return value instanceof Long ? value : value.toString();
  }
}
