package dev.platter.format.vhd;

import dev.platter.image.ImageInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// What there is to say about an image.
final class VhdInfo {
  private VhdInfo() {}

  static ImageInfo of(VhdFile file) throws IOException {
    VhdFooter footer = file.footer();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("uuid", footer.uuid().toString());
    specific.put("creator", footer.creatorText());
    specific.put("creator-version", version(footer.creatorVersion()));
    specific.put("creator-host", VhdDump.text(footer.creatorHost()));
    specific.put("created", VhdFooter.time(footer.timestamp()).toString());
    specific.put("original-size", footer.originalSize());
    specific.put("saved-state", footer.savedState() == 1);
    specific.put("temporary", (footer.features() & 1) != 0);
    specific.put("footer", file.hasFooter() ? "sound" : "lost");
    if (footer.type() == VhdFooter.DIFFERENCING) {
      parent(file, specific);
    }
    if (file.batmap().isPresent()) {
      specific.put("batmap", true);
    }
    return new ImageInfo(
        file.header().isPresent()
            ? OptionalLong.of(file.blocks().blockSize())
            : OptionalLong.empty(),
        !file.hasFooter(),
        false,
        false,
        false,
        Optional.of(footer.variant()),
        List.of(),
        specific);
  }

  private static void parent(VhdFile file, SequencedMap<String, Object> specific)
      throws IOException {
    VhdDynamicHeader header = file.blocks();
    specific.put("parent-uuid", header.parentIdentity().mixedEndian().toString());
    specific.put("parent-changed", VhdFooter.time(header.parentTimestamp()).toString());
    specific.put("parent-name", header.parentNameText().orElse(""));
    List<Object> locators = new ArrayList<>();
    for (VhdLocator locator : header.locators()) {
      Optional<String> text = locator.text(file.storage());
      if (text.isPresent()) {
        SequencedMap<String, Object> shown = new LinkedHashMap<>();
        shown.put("platform", locator.platform());
        shown.put("path", text.get());
        locators.add(shown);
      }
    }
    specific.put("parent-locators", locators);
  }

  static String version(long packed) {
    return (packed >>> 16) + "." + (packed & 0xffff);
  }
}
