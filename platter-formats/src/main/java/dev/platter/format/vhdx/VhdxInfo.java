package dev.platter.format.vhdx;

import dev.platter.image.ImageInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// What there is to say about an image.
final class VhdxInfo {
  private VhdxInfo() {}

  static ImageInfo of(VhdxImage image) throws IOException {
    VhdxFile file = image.file();
    VhdxDisk disk = file.disk();
    VhdxHeader header = file.headers().current();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("subformat", disk.variant());
    specific.put("block-size", disk.blockSize());
    specific.put("logical-sector-size", disk.logicalSector());
    specific.put("physical-sector-size", disk.physicalSector());
    specific.put("log-size", header.logLength());
    specific.put("log-entries", (long) file.replayed());
    specific.put("virtual-disk-id", image.identity().toString());
    specific.put("data-write-guid", header.dataWrite().mixedEndian().toString());
    specific.put("file-write-guid", header.fileWrite().mixedEndian().toString());
    disk.locator()
        .filter(_ -> disk.hasParent())
        .ifPresent(
            locator -> specific.put("parent-locator", new LinkedHashMap<>(locator.values())));
    specific.put("creator", file.creator());
    return new ImageInfo(
        OptionalLong.of(disk.blockSize()),
        file.replayed() > 0,
        false,
        false,
        false,
        Optional.of(disk.variant()),
        List.of(),
        specific);
  }
}
