package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.Disk.Layer;
import dev.platter.image.Commented;
import dev.platter.image.Description;
import dev.platter.image.DeviceType;
import dev.platter.image.HasGeometry;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.HasRegions;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageInfo;
import dev.platter.image.ParentLink;
import dev.platter.image.Region;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// Everything that `info` shows of an image, read at once.
///
/// @param name the file as it was named, by the user or by its child
/// @param format the format's name
/// @param size bytes of the disk
/// @param parent what the image says about its parent
/// @param parentPath where the parent's name leads
/// @param info what the format tells
/// @param description what it says about itself, by the names that `set` has for it
/// @param files the files that hold the image
/// @param device the kind of drive that the disk belongs into
/// @param regions runs of blocks that are alike, where the image tells
record ImageFacts(
    String name,
    String format,
    long size,
    Optional<ParentLink> parent,
    Optional<String> parentPath,
    ImageInfo info,
    SequencedMap<String, Object> description,
    List<PartFile> files,
    DeviceType device,
    List<Region> regions) {

  /// A file of an image.
  ///
  /// @param role what it is to the image, as QEMU calls it
  /// @param length bytes
  /// @param allocated bytes on its medium
  record PartFile(String role, String name, long length, long allocated) {}

  /// Asks all images of a chain, the top first.
  static List<ImageFacts> of(Disk disk) throws IOException {
    List<ImageFacts> all = new ArrayList<>();
    for (Layer layer : disk.layers()) {
      Storage main = layer.image().storages().getFirst();
      Optional<String> named = all.isEmpty() ? Optional.empty() : all.getLast().parentPath();
      all.add(of(layer, named.orElse(main.name())));
    }
    return all;
  }

  private static ImageFacts of(Layer layer, String name) throws IOException {
    Image image = layer.image();
    List<Storage> storages = image.storages();
    List<PartFile> files = new ArrayList<>();
    for (Storage storage : storages) {
      files.add(
          new PartFile(
              role(files.size(), storages.size()),
              files.isEmpty() ? name : storage.name(),
              storage.size(),
              storage.allocated()));
    }
    Optional<ParentLink> parent = image.parent();
    return new ImageFacts(
        name,
        layer.formatName(),
        image.size(),
        parent,
        parent.flatMap(link -> fullName(name, link)),
        image.info(),
        description(image, parent),
        files,
        image.device(),
        image instanceof HasRegions divided ? divided.regions() : List.of());
  }

  /// UUIDs, comment and geometry, those that there are.
  private static SequencedMap<String, Object> description(
      Image image, Optional<ParentLink> parent) {
    SequencedMap<String, Object> said = new LinkedHashMap<>();
    if (image instanceof Identified identified) {
      uuid(said, "uuid", Optional.of(identified.identity()));
      uuid(said, "modification-uuid", identified.modification());
    }
    uuid(said, "parent-uuid", parent.flatMap(ParentLink::identity));
    uuid(said, "parent-modification-uuid", parent.flatMap(ParentLink::modification));
    if (image instanceof Commented commented && !commented.comment().isEmpty()) {
      said.put("comment", commented.comment());
    }
    if (image instanceof HasGeometry geometry) {
      geometry(said, "geometry", geometry.physical());
      geometry(said, "logical-geometry", geometry.logical());
    }
    return said;
  }

  private static void uuid(SequencedMap<String, Object> said, String name, Optional<UUID> uuid) {
    if (uuid.isPresent() && !uuid.get().equals(Description.NO_UUID)) {
      said.put(name, uuid.get().toString());
    }
  }

  private static void geometry(
      SequencedMap<String, Object> said, String name, Optional<Geometry> geometry) {
    if (geometry.isPresent()) {
      Geometry g = geometry.get();
      said.put(name, g.cylinders() + "/" + g.heads() + "/" + g.sectors());
    }
  }

  private static String role(int index, int count) {
    if (index == 0) {
      return "file";
    }
    return count == 2 ? "data-file" : "extents." + (index - 1);
  }

  /// Where the first name of a parent leads from its child.
  static Optional<String> fullName(String child, ParentLink link) {
    if (link.names().isEmpty()) {
      return Optional.empty();
    }
    String name = link.names().getFirst();
    try {
      Path folder = Path.of(child).getParent();
      return Optional.of(folder == null ? name : folder.resolve(name).toString());
    } catch (InvalidPathException _) {
      return Optional.of(name);
    }
  }

  /// The first name that the image has for its parent.
  Optional<String> parentName() {
    return parent.flatMap(link -> link.names().stream().findFirst());
  }

  /// The kind of drive in a word.
  String deviceName() {
    return word(device);
  }

  /// A value of an enumeration as a word of the interface.
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Bytes that all files take on their medium.
  long allocated() {
    long sum = 0;
    for (PartFile file : files) {
      sum += file.allocated();
    }
    return sum;
  }
}
