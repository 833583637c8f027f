package dev.platter.cli;

import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.Region;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `info` shows, for programs: the members of `qemu-img info --output=json`.
final class InfoJson {
  private static final long NANOS = 1_000_000_000;

  private InfoJson() {}

  /// Describes one image as an object.
  static void write(ImageFacts facts, Json json) {
    json.object();
    children(facts.files(), json);
    facts
        .parent()
        .flatMap(link -> link.format())
        .ifPresent(format -> json.member("backing-filename-format", format));
    if (!facts.info().snapshots().isEmpty()) {
      json.key("snapshots");
      snapshots(facts.info().snapshots(), json);
    }
    json.member("virtual-size", facts.size());
    json.member("filename", facts.name());
    facts.info().clusterSize().ifPresent(bytes -> json.member("cluster-size", bytes));
    json.member("format", facts.format());
    json.member("device-type", facts.deviceName());
    if (!facts.regions().isEmpty()) {
      json.key("regions").array();
      facts.regions().forEach(region -> region(region, json));
      json.endArray();
    }
    json.member("actual-size", facts.allocated());
    if (facts.info().encrypted()) {
      json.member("encrypted", true);
    }
    if (facts.info().compressed()) {
      json.member("compressed", true);
    }
    if (!facts.info().specific().isEmpty()) {
      json.key("format-specific").object();
      json.member("type", facts.format());
      json.member("data", dashed(facts.info().specific()));
      json.endObject();
    }
    facts.parentPath().ifPresent(name -> json.member("full-backing-filename", name));
    facts.parentName().ifPresent(name -> json.member("backing-filename", name));
    json.member("dirty-flag", facts.info().dirty());
    // not a member that qemu-img has, so in an object of its own
    json.key("description").object();
    facts.info().variant().ifPresent(variant -> json.member("variant", variant));
    facts.description().forEach(json::member);
    json.endObject();
    json.endObject();
  }

  private static void region(Region region, Json json) {
    json.object()
        .member("start", region.start())
        .member("blocks", region.blocks())
        .member("block-size", (long) region.blockSize())
        .member("data-form", ImageFacts.word(region.data()))
        .member("data-size", (long) region.dataSize())
        .member("metadata-form", ImageFacts.word(region.metadata()))
        .member("metadata-size", (long) region.metadataSize())
        .endObject();
  }

  private static void children(List<ImageFacts.PartFile> files, Json json) {
    json.key("children").array();
    for (ImageFacts.PartFile file : files) {
      json.object().member("name", file.role());
      json.key("info")
          .object()
          .member("children", List.of())
          .member("virtual-size", file.length())
          .member("filename", file.name())
          .member("format", "file")
          .member("actual-size", file.allocated());
      json.key("format-specific")
          .object()
          .member("type", "file")
          .member("data", Map.of())
          .endObject();
      json.member("dirty-flag", false).endObject().endObject();
    }
    json.endArray();
  }

  /// Lists snapshots.
  static void snapshots(List<Snapshot> snapshots, Json json) {
    json.array();
    snapshots.forEach(snapshot -> snapshot(snapshot, json));
    json.endArray();
  }

  private static void snapshot(Snapshot snapshot, Json json) {
    long seconds = snapshot.taken().getEpochSecond();
    int nanos = snapshot.taken().get(ChronoField.NANO_OF_SECOND);
    json.object();
    snapshot.icount().ifPresent(count -> json.member("icount", count));
    json.member("vm-clock-nsec", snapshot.vmClockNanos() % NANOS)
        .member("name", snapshot.name())
        .member("date-sec", seconds)
        .member("date-nsec", nanos)
        .member("vm-clock-sec", snapshot.vmClockNanos() / NANOS)
        .member("id", snapshot.id())
        .member("vm-state-size", snapshot.vmStateSize())
        .endObject();
  }

  /// The same with dashes in all names, as QEMU writes them in JSON.
  private static Object dashed(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> all = new LinkedHashMap<>();
      map.forEach((key, inner) -> all.put(String.valueOf(key).replace(' ', '-'), dashed(inner)));
      return all;
    }
    if (value instanceof List<?> list) {
      List<Object> all = new ArrayList<>();
      list.forEach(inner -> all.add(dashed(inner)));
      return all;
    }
    return value;
  }
}
