package dev.platter.format.parallels;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// The layout of a new folder: the descriptor, which is the file that the user names, and an image
/// for each part of the disk beside it. There is one state, the current one.
final class ParallelsBundlePlan {
  private static final String DESCRIPTOR = "DiskDescriptor.xml";
  private static final int SECTOR = ParallelsHeader.SECTOR;

  /// As many as a descriptor may have.
  private static final long MOST_PARTS = 4000;

  private final ParallelsPlan images;
  private final Blueprint blueprint;
  private final long part;

  ParallelsBundlePlan(ParallelsPlan images, Blueprint blueprint) {
    this.images = images;
    this.blueprint = blueprint;
    this.part = part(images, blueprint);
  }

  private static long part(ParallelsPlan images, Blueprint blueprint) {
    Options options = blueprint.options();
    long size = options.size(ParallelsPlan.SPLIT_SIZE);
    if (size == 0) {
      return Math.max(blueprint.size(), 1);
    }
    if (size % images.cluster() != 0 || (blueprint.size() - 1) / size >= MOST_PARTS) {
      throw new IllegalArgumentException(
          "option split_size="
              + options.text(ParallelsPlan.SPLIT_SIZE)
              + ": expected a multiple of the cluster size, "
              + images.cluster()
              + ", for at most "
              + MOST_PARTS
              + " files");
    }
    return size;
  }

  Plan plan(Allocation allocation) {
    List<PlannedFile> files = new ArrayList<>();
    var storages = new StringBuilder();
    long start = 0;
    do {
      long end = Math.min(start + part, blueprint.size());
      PlannedFile image = images.file(name(files.size()), start, end - start, allocation);
      storages.append(storage(start, end, image.name()));
      files.add(image);
      start = end;
    } while (start < blueprint.size());
    byte[] text = descriptor(storages.toString()).getBytes(StandardCharsets.UTF_8);
    files.addFirst(PlannedFile.main(text.length, List.of(Piece.bytes(0, text))));
    return new Plan(files);
  }

  /// The name of an image, as Parallels Desktop makes them.
  private String name(int index) {
    String name = blueprint.name();
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    stem = name.equals(DESCRIPTOR) ? "harddisk" : stem;
    return stem + ".hdd." + index + "." + guid(ParallelsDescriptor.USUAL_TOP) + ".hds";
  }

  private static String guid(UUID guid) {
    return "{" + guid + "}";
  }

  private static long sectors(long bytes) {
    return (bytes + SECTOR - 1) / SECTOR;
  }

  private String storage(long start, long end, String name) {
    return """
            <Storage>
                <Start>START</Start>
                <End>END</End>
                <Blocksize>BLOCK</Blocksize>
                <Image>
                    <GUID>GUID</GUID>
                    <Type>Compressed</Type>
                    <File>FILE</File>
                </Image>
            </Storage>
    """
        .replace("START", Long.toString(sectors(start)))
        .replace("END", Long.toString(sectors(end)))
        .replace("BLOCK", Long.toString(sectors(images.cluster())))
        .replace("GUID>GUID", "GUID>" + guid(ParallelsDescriptor.USUAL_TOP))
        .replace("FILE", escaped(name));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private String descriptor(String storages) {
    return """
    <?xml version='1.0' encoding='UTF-8'?>
    <Parallels_disk_image Version="1.0">
        <Disk_Parameters>
            <Disk_size>SIZE</Disk_size>
            <Cylinders>CYLINDERS</Cylinders>
            <Heads>HEADS</Heads>
            <Sectors>TRACK</Sectors>
            <Padding>0</Padding>
        </Disk_Parameters>
        <StorageData>
    STORAGES    </StorageData>
        <Snapshots>
            <TopGUID>TOP</TopGUID>
            <Shot>
                <GUID>TOP</GUID>
                <ParentGUID>NONE</ParentGUID>
            </Shot>
        </Snapshots>
    </Parallels_disk_image>
    """
        .replace("SIZE", Long.toString(sectors(blueprint.size())))
        .replace("CYLINDERS", Long.toString(ParallelsPlan.cylinders(sectors(blueprint.size()))))
        .replace("HEADS", Integer.toString(ParallelsPlan.HEADS))
        .replace("TRACK", Integer.toString(ParallelsPlan.SECTORS_A_TRACK))
        .replace("TOP<", guid(ParallelsDescriptor.USUAL_TOP) + "<")
        .replace("NONE", guid(ParallelsDescriptor.NOBODY))
        .replace("STORAGES", storages);
  }
}
