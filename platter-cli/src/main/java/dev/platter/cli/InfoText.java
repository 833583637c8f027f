package dev.platter.cli;

import dev.platter.image.DeviceType;
import dev.platter.image.ImageInfo;
import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.Region;
import dev.platter.image.Sizes;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/// What `info` shows, for people: the lines of `qemu-img info`.
final class InfoText {
  private final StringBuilder text = new StringBuilder(1000);

  /// Describes one image.
  String describe(ImageFacts facts) {
    line("image", facts.name());
    line("file format", facts.format());
    line("virtual size", size(facts.size()));
    line("disk size", Sizes.format(facts.allocated()));
    if (facts.device() != DeviceType.HARD_DISK) {
      line("device type", facts.deviceName());
    }
    if (facts.info().encrypted()) {
      line("encrypted", "yes");
    }
    if (facts.info().clusterSize().isPresent()) {
      line("cluster_size", Long.toString(facts.info().clusterSize().getAsLong()));
    }
    if (facts.info().dirty()) {
      line("cleanly shut down", "no");
    }
    parent(facts);
    facts.info().variant().ifPresent(variant -> shown("variant", variant, facts.info()));
    facts.description().forEach((name, value) -> shown(name, value, facts.info()));
    if (!facts.info().snapshots().isEmpty()) {
      snapshots(facts.info().snapshots());
    }
    specific(facts.info().specific());
    regions(facts.regions());
    facts.files().forEach(this::child);
    return text.toString();
  }

  /// A line about what the format does not show by itself.
  private void shown(String name, Object value, ImageInfo info) {
    if (!value.equals("") && !info.specific().containsValue(value)) {
      line(words(name), String.valueOf(value));
    }
  }

  private void line(String name, String value) {
    text.append(name).append(": ").append(Printable.escape(value)).append('\n');
  }

  private static String size(long bytes) {
    return Sizes.format(bytes) + " (" + bytes + " bytes)";
  }

  private void parent(ImageFacts facts) {
    if (facts.parent().isEmpty()) {
      return;
    }
    String name = facts.parentName().orElse("known by its UUID alone");
    String full = facts.parentPath().orElse(name);
    line("backing file", full.equals(name) ? name : name + " (actual path: " + full + ")");
    facts.parent().get().format().ifPresent(format -> line("backing file format", format));
  }

  /// What only the image's format has.
  static String specific(ImageInfo info) {
    InfoText part = new InfoText();
    part.specific(info.specific());
    return part.text.toString();
  }

  /// The list of snapshots.
  static String snapshotList(List<Snapshot> snapshots) {
    InfoText part = new InfoText();
    part.snapshots(snapshots);
    return part.text.toString();
  }

  private void specific(Map<String, Object> values) {
    if (!values.isEmpty()) {
      text.append("Format specific information:\n");
      values.forEach((name, value) -> specific(name, value, 1));
    }
  }

  private void specific(String name, Object value, int depth) {
    text.repeat("    ", depth).append(Printable.escape(words(name))).append(':');
    // not a switch on types: that has a start-up cost
    if (value instanceof Map<?, ?> map) {
      text.append('\n');
      map.forEach((key, inner) -> specific(String.valueOf(key), inner, depth + 1));
    } else if (value instanceof List<?> all) {
      text.append('\n');
      for (int index = 0; index < all.size(); index++) {
        specific("[" + index + "]", all.get(index), depth + 1);
      }
    } else {
      text.append(' ').append(Printable.escape(String.valueOf(value))).append('\n');
    }
  }

  private static String words(String name) {
    return name.replace('-', ' ').replace('_', ' ');
  }

  private void regions(List<Region> regions) {
    if (!regions.isEmpty()) {
      text.append("Regions:\n");
    }
    for (Region region : regions) {
      text.append("    blocks ").append(region.start()).append(" to ");
      text.append(region.start() + region.blocks() - 1).append(": ");
      text.append(region.blockSize()).append(" bytes, ").append(ImageFacts.word(region.data()));
      if (region.metadata() != Region.MetadataForm.NONE) {
        text.append(" and ").append(region.metadataSize()).append(" bytes of subchannels");
      }
      text.append('\n');
    }
  }

  private void child(ImageFacts.PartFile file) {
    text.append("Child node '/").append(file.role()).append("':\n");
    text.append("    filename: ").append(Printable.escape(file.name())).append('\n');
    text.append("    protocol type: file\n");
    text.append("    file length: ").append(size(file.length())).append('\n');
    text.append("    disk size: ").append(Sizes.format(file.allocated())).append('\n');
  }

  private void snapshots(List<Snapshot> snapshots) {
    text.append("Snapshot list:\n");
    text.append(
        "ID      TAG               VM_SIZE                DATE        VM_CLOCK     ICOUNT\n");
    for (Snapshot snapshot : snapshots) {
      left(Printable.escape(snapshot.id()), 7);
      left(Printable.escape(snapshot.name()), 16);
      right(Sizes.format(snapshot.vmStateSize()), 8);
      text.append(' ').append(date(snapshot)).append(' ');
      right(clock(snapshot.vmClockNanos()), 15);
      right(snapshot.icount().isPresent() ? "" + snapshot.icount().getAsLong() : "--", 10);
      text.setCharAt(text.length() - 1, '\n');
    }
  }

  private void left(String words, int width) {
    text.append(words).repeat(' ', Math.max(0, width - words.length())).append(' ');
  }

  private void right(String words, int width) {
    text.repeat(' ', Math.max(0, width - words.length())).append(words).append(' ');
  }

  private static String date(Snapshot snapshot) {
    LocalDateTime time = LocalDateTime.ofInstant(snapshot.taken(), ZoneId.systemDefault());
    return time.toLocalDate()
        + " "
        + two(time.getHour())
        + ":"
        + two(time.getMinute())
        + ":"
        + two(time.getSecond());
  }

  private static String clock(long nanos) {
    long millis = nanos / 1_000_000;
    long seconds = millis / 1000;
    String thousandths = Long.toString(1000 + millis % 1000).substring(1);
    return two(seconds / 3600 / 100)
        + two(seconds / 3600 % 100)
        + ":"
        + two(seconds / 60 % 60)
        + ":"
        + two(seconds % 60)
        + "."
        + thousandths;
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
