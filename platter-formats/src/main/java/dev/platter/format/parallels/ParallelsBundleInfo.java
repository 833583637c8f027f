package dev.platter.format.parallels;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.ImageInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.UUID;

/// A folder of files in words.
final class ParallelsBundleInfo {
  private ParallelsBundleInfo() {}

  static ImageInfo info(ParallelsDescriptor descriptor, List<ParallelsLayers> parts) {
    UUID top = descriptor.top().orElse(ParallelsDescriptor.USUAL_TOP);
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("storages", (long) descriptor.ranges().size());
    specific.put("physical-geometry", ParallelsDescription.text(descriptor.geometry()));
    specific.put("top-guid", top.toString());
    List<Object> files = new ArrayList<>();
    for (ParallelsDescriptor.Range range : descriptor.ranges()) {
      range.parts().forEach(part -> files.add(file(range, part)));
    }
    specific.put("files", files);
    List<ImageInfo.Snapshot> snapshots =
        descriptor.shots().stream()
            .filter(shot -> !shot.guid().equals(top))
            .map(shot -> snapshot(shot, descriptor.size()))
            .toList();
    long cluster = descriptor.ranges().getFirst().cluster();
    boolean same = descriptor.ranges().stream().allMatch(range -> range.cluster() == cluster);
    return new ImageInfo(
        same && cluster > 0 ? OptionalLong.of(cluster) : OptionalLong.empty(),
        parts.stream().anyMatch(ParallelsBundleInfo::marked),
        false,
        descriptor.encrypted(),
        false,
        Optional.of("bundle"),
        snapshots,
        specific);
  }

  private static boolean marked(ParallelsLayers part) {
    return part.top() instanceof ParallelsLayers.Layer.Compressed(var image)
        && image.session().header().marked();
  }

  private static SequencedMap<String, Object> file(
      ParallelsDescriptor.Range range, ParallelsDescriptor.Part part) {
    SequencedMap<String, Object> file = new LinkedHashMap<>();
    file.put("start", range.start());
    file.put("end", range.end());
    file.put("guid", part.guid().toString());
    file.put("type", part.plain() ? "Plain" : "Compressed");
    file.put("file", part.name());
    return file;
  }

  /// Names and times of snapshots stand in a file of their own, which only Parallels reads.
  private static ImageInfo.Snapshot snapshot(ParallelsDescriptor.Shot shot, long size) {
    String id = shot.guid().toString();
    return new ImageInfo.Snapshot(id, "", 0, Instant.EPOCH, 0, OptionalLong.empty(), size);
  }

  static void dump(ParallelsXml.Element element, long size, Dump sink) {
    sink.begin(element.name(), element.position(), size - element.position());
    if (element.children().isEmpty()) {
      field(element, sink);
    }
    for (ParallelsXml.Element child : element.children()) {
      if (child.children().isEmpty()) {
        field(child, sink);
      } else {
        dump(child, size, sink);
      }
    }
    sink.end();
  }

  private static void field(ParallelsXml.Element element, Dump sink) {
    sink.field(element.name(), element.position(), element.text().length(), element.text(), "");
  }
}
