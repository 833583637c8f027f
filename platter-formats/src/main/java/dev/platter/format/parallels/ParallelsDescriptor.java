package dev.platter.format.parallels;

import dev.platter.format.parallels.ParallelsXml.Element;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What `DiskDescriptor.xml` says: which files hold which part of the disk, and which of them show
/// through which.
///
/// @param size bytes of the disk
/// @param padding 0 in every descriptor that others may read
/// @param encrypted whether an engine of encryption is named
/// @param ranges in the order of the disk, without gaps
/// @param shots the tree of snapshots, and the current state
/// @param top the current state, where the descriptor names it
record ParallelsDescriptor(
    long size,
    Geometry geometry,
    String padding,
    boolean encrypted,
    List<Range> ranges,
    List<Shot> shots,
    Optional<UUID> top) {

  static final String ROOT = "Parallels_disk_image";
  static final UUID NOBODY = new UUID(0, 0);

  /// The current state where no other is named.
  static final UUID USUAL_TOP = UUID.fromString("5fbaabe3-6958-40ff-92a7-860e329aab41");

  private static final int SECTOR = ParallelsHeader.SECTOR;

  /// A part of the disk.
  ///
  /// @param start in bytes
  /// @param end in bytes
  /// @param cluster bytes of a cluster of its files
  record Range(long start, long end, long cluster, List<Part> parts) {
    /// The file of a state.
    Optional<Part> part(UUID guid) {
      return parts.stream().filter(part -> part.guid.equals(guid)).findFirst();
    }
  }

  /// A file.
  ///
  /// @param plain whether it has the bytes as they are and not an image
  record Part(UUID guid, boolean plain, String name) {}

  /// A state of the disk.
  record Shot(UUID guid, UUID parent) {}

  /// Reads the elements of a document.
  static ParallelsDescriptor of(Element root, String file, Limits limits) throws ImageException {
    return new Reader(file, limits).descriptor(root);
  }

  /// The states that make up the current one, itself first.
  List<UUID> chain(String file, Limits limits) throws ImageException {
    Map<UUID, UUID> parents = new HashMap<>();
    for (Shot shot : shots) {
      if (parents.put(shot.guid, shot.parent) != null) {
        throw bad(file, "has two snapshots " + shot.guid);
      }
    }
    UUID current = top.orElse(USUAL_TOP);
    if (parents.isEmpty() && top.isEmpty()) {
      List<Part> only = ranges.getFirst().parts;
      if (only.size() != 1) {
        throw bad(file, "has several images and no snapshots that tell which is the current one");
      }
      return List.of(only.getFirst().guid);
    }
    List<UUID> chain = new ArrayList<>();
    Set<UUID> seen = new HashSet<>();
    while (!current.equals(NOBODY)) {
      if (!seen.add(current)) {
        throw bad(file, "has a snapshot " + current + " that is its own parent");
      }
      chain.add(current);
      Limits.check(file, "snapshots below each other", chain.size(), limits.chainDepth());
      if (!parents.containsKey(current)) {
        throw bad(file, "does not tell what snapshot " + current + " is");
      }
      current = parents.get(current);
    }
    return chain;
  }

  private static ImageException.Corrupt bad(String file, String what) {
    return new ImageException.Corrupt(file, "descriptor " + what);
  }

  private record Reader(String file, Limits limits) {

    ParallelsDescriptor descriptor(Element root) throws ImageException {
      if (!root.name().equals(ROOT)) {
        throw bad(file, "has root " + printable(root.name()) + " instead of " + ROOT);
      }
      Element disk = one(root, "Disk_Parameters");
      long size = sectors(disk, "Disk_size");
      Geometry geometry =
          new Geometry(
              number(disk, "Cylinders"),
              (int) Math.min(number(disk, "Heads"), Integer.MAX_VALUE),
              (int) Math.min(number(disk, "Sectors"), Integer.MAX_VALUE));
      List<Shot> shots = new ArrayList<>();
      Optional<UUID> top = Optional.empty();
      Optional<Element> snapshots = optional(root, "Snapshots");
      if (snapshots.isPresent()) {
        List<Element> all = snapshots.get().all("Shot");
        Limits.check(file, "snapshots of the descriptor", all.size(), limits.snapshots());
        for (Element shot : all) {
          shots.add(new Shot(guid(shot, "GUID"), guid(shot, "ParentGUID")));
        }
        if (optional(snapshots.get(), "TopGUID").isPresent()) {
          top = Optional.of(guid(snapshots.get(), "TopGUID"));
        }
      }
      String padding = optional(disk, "Padding").map(Element::text).orElse("0");
      List<Range> ranges = ranges(one(root, "StorageData"), size);
      return new ParallelsDescriptor(
          size, geometry, padding, encrypted(disk), ranges, List.copyOf(shots), top);
    }

    private boolean encrypted(Element disk) throws ImageException {
      Optional<Element> encryption = optional(disk, "Encryption");
      if (encryption.isEmpty() || optional(encryption.get(), "Engine").isEmpty()) {
        return false;
      }
      return !guid(encryption.get(), "Engine").equals(NOBODY);
    }

    private List<Range> ranges(Element data, long size) throws ImageException {
      List<Range> ranges = new ArrayList<>();
      long files = 0;
      for (Element storage : data.all("Storage")) {
        Range range = range(storage);
        ranges.add(range);
        files += range.parts.size();
        Limits.check(file, "files of the descriptor", files, limits.files());
      }
      ranges.sort(Comparator.comparingLong(Range::start));
      long end = 0;
      for (Range range : ranges) {
        if (range.start != end) {
          throw bad(
              file,
              "has a storage that starts at sector "
                  + range.start / SECTOR
                  + " where the one before ends at "
                  + end / SECTOR);
        }
        end = range.end;
      }
      if (ranges.isEmpty() || end != size) {
        throw bad(
            file, "has storages up to sector " + end / SECTOR + " of a disk of " + size / SECTOR);
      }
      return List.copyOf(ranges);
    }

    private Range range(Element storage) throws ImageException {
      long start = sectors(storage, "Start");
      long end = sectors(storage, "End");
      if (start >= end && !(start == 0 && end == 0)) {
        throw bad(file, "has a storage from sector " + start / SECTOR + " to " + end / SECTOR);
      }
      List<Part> parts = new ArrayList<>();
      Set<UUID> guids = new HashSet<>();
      for (Element image : storage.all("Image")) {
        UUID guid = guid(image, "GUID");
        if (!guids.add(guid)) {
          throw bad(file, "has two images " + guid + " in a storage");
        }
        parts.add(new Part(guid, plain(image), name(one(image, "File").text())));
      }
      if (parts.isEmpty()) {
        throw bad(file, "has a storage without images at character " + storage.position());
      }
      return new Range(start, end, sectors(storage, "Blocksize"), List.copyOf(parts));
    }

    private boolean plain(Element image) throws ImageException {
      Element type = one(image, "Type");
      return switch (type.text()) {
        case "Plain" -> true;
        case "Compressed" -> false;
        default ->
            throw new ImageException.Unsupported(
                file,
                "descriptor has an image of type '"
                    + printable(type.text())
                    + "', known are Plain and Compressed");
      };
    }

    private String name(String name) throws ImageException {
      for (String part : name.split("[/\\\\]", -1)) {
        if (part.equals("..")) {
          throw new ImageException.OutOfReach(
              file, "names '" + printable(name) + "', which leads out of its folder");
        }
      }
      return name;
    }

    private Element one(Element parent, String name) throws ImageException {
      return optional(parent, name)
          .orElseThrow(() -> bad(file, "has no " + name + " in " + printable(parent.name())));
    }

    private Optional<Element> optional(Element parent, String name) throws ImageException {
      List<Element> all = parent.all(name);
      if (all.size() > 1) {
        throw bad(file, "has a second " + name + " at character " + all.get(1).position());
      }
      return all.stream().findFirst();
    }

    private long sectors(Element parent, String name) throws ImageException {
      long value = number(parent, name);
      if (value > (Long.MAX_VALUE >> 1) / SECTOR) {
        throw bad(file, "has " + name + " " + value + ", which cannot be");
      }
      return value * SECTOR;
    }

    private long number(Element parent, String name) throws ImageException {
      Element element = one(parent, name);
      try {
        long value = Long.parseLong(element.text());
        if (value >= 0) {
          return value;
        }
      } catch (NumberFormatException _) {
        // said below
      }
      throw bad(
          file,
          "has "
              + name
              + " '"
              + printable(element.text())
              + "' at character "
              + element.position()
              + ", which is no number");
    }

    private UUID guid(Element parent, String name) throws ImageException {
      Element element = one(parent, name);
      String text = element.text();
      if (text.length() == 38 && text.startsWith("{") && text.endsWith("}")) {
        try {
          UUID guid = UUID.fromString(text.substring(1, 37));
          if (guid.toString().equalsIgnoreCase(text.substring(1, 37))) {
            return guid;
          }
        } catch (IllegalArgumentException _) {
          // said below
        }
      }
      throw bad(
          file,
          "has "
              + name
              + " '"
              + printable(text)
              + "' at character "
              + element.position()
              + ", which is no GUID in braces");
    }

    /// A stranger's text for a message: neither long nor able to steer a terminal.
    private static String printable(String text) {
      var shown = new StringBuilder();
      for (int i = 0; i < Math.min(text.length(), 100); i++) {
        char c = text.charAt(i);
        boolean fine = (c >= ' ' && c < 0x7f) || Character.isLetterOrDigit(c);
        shown.append(fine ? c : '?');
      }
      return shown.toString();
    }
  }
}
