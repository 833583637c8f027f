package dev.platter.format.iso;

import dev.platter.image.Dumpable.Dump;
import dev.platter.image.ImageInfo;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// A disc in words.
final class IsoDescription {
  private static final int START = 1024;
  private static final int SIGNATURE = 510;
  private static final int SECOND = 512;
  private static final int DIGITS = 16;

  private final Storage storage;
  private final IsoVolumes volumes;

  IsoDescription(Storage storage, IsoVolumes volumes) {
    this.storage = storage;
    this.volumes = volumes;
  }

  static ImageInfo info(Storage storage, IsoVolumes volumes) throws IOException {
    return new ImageInfo(
        OptionalLong.empty(),
        false,
        false,
        false,
        false,
        Optional.empty(),
        List.of(),
        new IsoDescription(storage, volumes).specific());
  }

  private SequencedMap<String, Object> specific() throws IOException {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    List<Object> system = systemArea();
    if (!system.isEmpty()) {
      all.put("system-area", system);
    }
    Optional<IsoVolume> primary = volumes.volume(storage, IsoDescriptor.PRIMARY);
    if (primary.isPresent()) {
      all.put("iso9660", volume(primary.get()));
    }
    Optional<IsoVolume> more = volumes.volume(storage, IsoDescriptor.SUPPLEMENTARY);
    if (more.isPresent()) {
      all.put(more.get().joliet() ? "joliet" : "supplementary", volume(more.get()));
    }
    Optional<IsoBoot> boot = volumes.boot(storage);
    if (boot.isPresent()) {
      all.put("el-torito-catalog", boot.get().catalog());
    }
    if (volumes.udf().isPresent()) {
      all.put("udf", udf(volumes.udf().get()));
    }
    return all;
  }

  /// What else reads the first blocks: tables that make the disc a hard disk too.
  private List<Object> systemArea() throws IOException {
    byte[] start = new byte[START];
    if (storage.size() < START) {
      return List.of();
    }
    storage.read(0, MemorySegment.ofArray(start));
    List<Object> found = new ArrayList<>();
    if (start[SIGNATURE] == 0x55 && start[SIGNATURE + 1] == (byte) 0xaa) {
      found.add("master boot record");
    }
    if (new String(start, SECOND, 8, StandardCharsets.ISO_8859_1).equals("EFI PART")) {
      found.add("GUID partition table");
    }
    if (start[0] == 'E' && start[1] == 'R') {
      found.add("Apple partition map");
    }
    return found;
  }

  private static SequencedMap<String, Object> volume(IsoVolume volume) {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    put(all, "volume", volume.text(volume.volume()));
    put(all, "volume-set", volume.text(volume.set()));
    put(all, "system", volume.text(volume.system()));
    put(all, "publisher", volume.text(volume.publisher()));
    put(all, "preparer", volume.text(volume.preparer()));
    put(all, "application", volume.text(volume.application()));
    put(all, "created", time(volume.created()));
    put(all, "modified", time(volume.modified()));
    all.put("blocks", volume.blocks());
    all.put("block-size", (long) volume.blockSize());
    return all;
  }

  private static void put(SequencedMap<String, Object> target, String name, String value) {
    if (!value.isEmpty()) {
      target.put(name, value);
    }
  }

  /// A time, empty if it was not given (ECMA-119, section 8.4.26.1): digits, and quarters of hours
  /// from Greenwich.
  private static String time(Bytes field) {
    byte[] bytes = field.toArray();
    boolean given = false;
    for (int at = 0; at < DIGITS; at++) {
      if (bytes[at] < '0' || bytes[at] > '9') {
        return "";
      }
      given |= bytes[at] != '0';
    }
    if (!given) {
      return "";
    }
    String digits = new String(bytes, 0, DIGITS, StandardCharsets.ISO_8859_1);
    int zone = bytes[DIGITS];
    String hours = Integer.toString(100 + Math.abs(zone) / 4).substring(1);
    String minutes = Integer.toString(100 + Math.abs(zone) % 4 * 15).substring(1);
    return digits.substring(0, 4)
        + "-"
        + digits.substring(4, 6)
        + "-"
        + digits.substring(6, 8)
        + " "
        + digits.substring(8, 10)
        + ":"
        + digits.substring(10, 12)
        + ":"
        + digits.substring(12, 14)
        + "."
        + digits.substring(14)
        + (zone < 0 ? " -" : " +")
        + hours
        + ":"
        + minutes;
  }

  private static SequencedMap<String, Object> udf(UdfVolume udf) {
    SequencedMap<String, Object> all = new LinkedHashMap<>();
    put(all, "volume", udf.name(UdfTag.PRIMARY));
    put(all, "logical-volume", udf.name(UdfTag.LOGICAL));
    all.put("descriptors", udf.anchor().mainBlock());
    return all;
  }

  void dump(Dump sink) throws IOException {
    for (IsoVolumes.Found found : volumes.found()) {
      if (found.is(IsoDescriptor.PRIMARY) || found.is(IsoDescriptor.SUPPLEMENTARY)) {
        IsoVolume volume = IsoVolume.STRUCT.read(storage, found.position());
        structure(sink, found, IsoVolume.STRUCT, volume, volume);
      } else if (found.is(IsoDescriptor.BOOT)) {
        IsoBoot boot = IsoBoot.STRUCT.read(storage, found.position());
        structure(sink, found, IsoBoot.STRUCT, boot, IsoVolume.STRUCT.blank());
      } else {
        IsoDescriptor other = found.descriptor();
        structure(sink, found, IsoDescriptor.STRUCT, other, IsoVolume.STRUCT.blank());
      }
    }
    if (volumes.udf().isPresent()) {
      dump(sink, volumes.udf().get());
    }
  }

  private <T> void structure(
      Dump sink, IsoVolumes.Found found, Struct<T> struct, T value, IsoVolume texts)
      throws IOException {
    begin(sink, found.descriptor().kind(), found.position(), IsoVolumes.BLOCK);
    fields(sink, struct, value, found.position(), texts);
    sink.end();
  }

  /// A file can be cut off inside what it has.
  private void begin(Dump sink, String name, long position, long length) throws IOException {
    sink.begin(name, position, Math.clamp(storage.size() - position, 0, length));
  }

  private static <T> void fields(
      Dump sink, Struct<T> struct, T value, long position, IsoVolume texts) {
    for (Struct.Field field : struct.fields(value)) {
      Object shown = field.value();
      if (shown instanceof Bytes bytes) {
        shown = isText(field.name()) ? texts.text(bytes) : bytes.toString();
      }
      sink.field(field.name(), position + field.offset(), field.size(), shown, "");
    }
  }

  private static boolean isText(String field) {
    return switch (field) {
      case "system",
          "volume",
          "set",
          "publisher",
          "preparer",
          "application",
          "copyrightFile",
          "abstractFile",
          "bibliographyFile",
          "boot" ->
          true;
      default -> false;
    };
  }

  private void dump(Dump sink, UdfVolume udf) throws IOException {
    IsoVolume none = IsoVolume.STRUCT.blank();
    long anchor = UdfAnchor.BLOCK * IsoVolumes.BLOCK;
    begin(sink, "UDF anchor", anchor, UdfTag.STRUCT.size() + (long) UdfAnchor.STRUCT.size());
    fields(sink, UdfTag.STRUCT, UdfTag.read(storage, UdfAnchor.BLOCK), anchor, none);
    fields(sink, UdfAnchor.STRUCT, udf.anchor(), UdfAnchor.position(), none);
    sink.end();
    for (UdfVolume.Descriptor one : udf.descriptors()) {
      long position = one.block() * IsoVolumes.BLOCK;
      begin(sink, one.kind(), position, IsoVolumes.BLOCK);
      fields(sink, UdfTag.STRUCT, one.tag(), position, none);
      if (one.tag().type() == UdfTag.PRIMARY) {
        sink.field(
            "volumeName",
            position + UdfVolume.VOLUME_NAME,
            UdfVolume.VOLUME_NAME_LENGTH,
            one.name(),
            "");
      } else if (one.tag().type() == UdfTag.LOGICAL) {
        sink.field(
            "logicalVolumeName",
            position + UdfVolume.LOGICAL_NAME,
            UdfVolume.LOGICAL_NAME_LENGTH,
            one.name(),
            "");
      }
      sink.end();
    }
  }
}
