package dev.platter.tests.format;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.format.parallels.ParallelsFormat;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// Parallels images in a folder.
record ParallelsLab(Path folder) {
  static final ParallelsFormat FORMAT = new ParallelsFormat();

  Path path(String name) {
    return folder.resolve(name);
  }

  /// Opens an image or a folder's descriptor.
  Disk open(String name, Access access, Purpose purpose) throws IOException {
    DiskOptions options =
        DiskOptions.standard()
            .access(access)
            .format(Optional.of("parallels"))
            .purpose(purpose)
            .reach(Reach.sameFolder());
    return new Disks(new Formats(BuiltInFormats.all())).open(path(name), options);
  }

  Disk open(String name, Access access) throws IOException {
    return open(name, access, Purpose.DATA);
  }

  /// Makes an image of some content.
  void create(String name, byte[] content, Map<String, String> options) throws IOException {
    Files.createFile(path(name));
    try (Storage storage = FileStorage.open(path(name), Access.WRITE, Sharing.LOCKED)) {
      var blueprint = Blueprint.of(content.length, Options.of(FORMAT, options), name);
      VdiImages.write(FORMAT.plan(blueprint, allocation(content)), content, storage);
    }
  }

  /// Sectors that are not zeros.
  static Allocation allocation(byte[] content) {
    var runs = new Allocation.Builder();
    for (int at = 0; at < content.length; at += 512) {
      int end = Math.min(at + 512, content.length);
      if (Arrays.mismatch(Arrays.copyOfRange(content, at, end), new byte[end - at]) >= 0) {
        runs.data(at, end - at);
      }
    }
    return runs.build(content.length);
  }

  /// Content with empty stretches.
  static byte[] content(int size) {
    byte[] content = VdiImages.random(size, size);
    for (int at = 0; at < size; at += 300_000) {
      Arrays.fill(content, at, Math.min(at + 100_000, size), (byte) 0);
    }
    return content;
  }

  /// A number of four bytes of a file.
  int get(String name, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(path(name));
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(position);
  }

  /// Changes four bytes of a file.
  void set(String name, int position, int value) throws IOException {
    byte[] bytes = Files.readAllBytes(path(name));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(position, value);
    Files.write(path(name), bytes);
  }
}
