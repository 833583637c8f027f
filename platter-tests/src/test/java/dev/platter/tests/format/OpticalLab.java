package dev.platter.tests.format;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.HasRegions;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Reach;
import dev.platter.image.Region;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.ClaimSweep;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Images of discs in a folder, and sectors as drives read them.
record OpticalLab(Path folder) {
  static final int USER = 2048;
  static final int SECTOR = 2352;

  Path path(String name) {
    return folder.resolve(name);
  }

  void write(String name, byte[] bytes) throws IOException {
    Files.write(path(name), bytes);
  }

  void write(String name, String text) throws IOException {
    Files.writeString(path(name), text);
  }

  static DiskOptions options() {
    return DiskOptions.standard().reach(Reach.sameFolder());
  }

  Disk open(String name) throws IOException {
    return open(name, options());
  }

  Disk openRaw(String name) throws IOException {
    return open(name, options().settings(Map.of("view", "raw")));
  }

  Disk open(String name, DiskOptions options) throws IOException {
    return new Disks(new Formats(BuiltInFormats.all())).open(path(name), options);
  }

  byte[] read(String name) throws IOException {
    try (Disk disk = open(name)) {
      return VdiImages.read(disk);
    }
  }

  byte[] readRaw(String name) throws IOException {
    try (Disk disk = openRaw(name)) {
      return VdiImages.read(disk);
    }
  }

  String probe(String name) throws IOException {
    try (Storage storage = FileStorage.open(path(name), Access.READ, Sharing.LOCKED)) {
      return new Formats(BuiltInFormats.all()).probe(storage).name();
    }
  }

  List<Finding> check(String name) throws IOException {
    try (Disk disk = open(name, options().purpose(Purpose.CHECK))) {
      return ClaimSweep.check((Claiming) disk.top());
    }
  }

  static List<Region> regions(Disk disk) {
    return ((HasRegions) disk.top()).regions();
  }

  /// A volume with some files, made by `genisoimage`.
  void iso(String name, Object... options) throws IOException {
    Path tree = path("tree");
    if (!Files.exists(tree)) {
      Files.createDirectories(tree.resolve("sub"));
      Files.write(tree.resolve("random.bin"), VdiImages.random(300_000, 7));
      Files.writeString(tree.resolve("sub/a long name.txt"), "hello");
    }
    Object[] all = new Object[options.length + 4];
    all[0] = "-quiet";
    System.arraycopy(options, 0, all, 1, options.length);
    all[options.length + 1] = "-o";
    all[options.length + 2] = path(name);
    all[options.length + 3] = tree;
    Peer.named("genisoimage").succeed(all);
  }

  /// User data as whole sectors of mode 1.
  static byte[] mode1(byte[] data) {
    var out = new ByteArrayOutputStream();
    for (int at = 0; at < data.length; at += USER) {
      byte[] sector = header(at / USER, 1);
      System.arraycopy(data, at, sector, 16, USER);
      code(sector, 0, 2064);
      out.writeBytes(sector);
    }
    return out.toByteArray();
  }

  /// User data as whole sectors of mode 2, form 1.
  static byte[] mode2(byte[] data) {
    var out = new ByteArrayOutputStream();
    for (int at = 0; at < data.length; at += USER) {
      byte[] sector = header(at / USER, 2);
      sector[18] = 8;
      sector[22] = 8;
      System.arraycopy(data, at, sector, 24, USER);
      code(sector, 16, 2072);
      out.writeBytes(sector);
    }
    return out.toByteArray();
  }

  /// The same without synchronisation and header.
  static byte[] without16(byte[] sectors) {
    var out = new ByteArrayOutputStream();
    for (int at = 0; at < sectors.length; at += SECTOR) {
      out.write(sectors, at + 16, SECTOR - 16);
    }
    return out.toByteArray();
  }

  private static byte[] header(int number, int mode) {
    byte[] sector = new byte[SECTOR];
    Arrays.fill(sector, 1, 11, (byte) 0xff);
    int address = number + 150;
    sector[12] = digits(address / 75 / 60);
    sector[13] = digits(address / 75 % 60);
    sector[14] = digits(address % 75);
    sector[15] = (byte) mode;
    return sector;
  }

  private static byte digits(int number) {
    return (byte) (number / 10 << 4 | number % 10);
  }

  /// The error detection code: the remainder of division by (x^16 + x^15 + x^2 + 1) (x^16 + x^2 + x
  /// + 1), bit by bit.
  private static void code(byte[] sector, int start, int end) {
    int rest = 0;
    for (int at = start; at < end; at++) {
      for (int bit = 0; bit < 8; bit++) {
        boolean carry = ((rest >>> 31) & 1) != (sector[at] >> bit & 1);
        rest = carry ? rest << 1 ^ 0x8001801b : rest << 1;
      }
    }
    ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN).putInt(end, Integer.reverse(rest));
  }

  /// A file in memory, for a lab.
  static FaultStorage file(String name, byte[] bytes) throws IOException {
    var file = new FaultStorage(name);
    file.write(0, MemorySegment.ofArray(bytes));
    return file;
  }

  static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
