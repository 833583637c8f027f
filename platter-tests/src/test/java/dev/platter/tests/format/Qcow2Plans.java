package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.format.qcow2.QcowFormat;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Options;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Lays out images of given bytes and writes them, strictly forwards, as to a pipe.
final class Qcow2Plans {
  static final QcowFormat FORMAT = new QcowFormat();
  private final SplittableRandom random = new SplittableRandom(7);
  private final Path folder;

  Qcow2Plans(Path folder) {
    this.folder = folder;
  }

  static Options options(String text) {
    Map<String, String> values = new HashMap<>();
    for (String pair : text.split(",")) {
      if (!pair.isEmpty()) {
        values.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
      }
    }
    return Options.of(FORMAT, values);
  }

  static Blueprint blueprint(long size, String options, Optional<String> backing) {
    Blueprint alone = Blueprint.of(size, options(options), "x.qcow2");
    return backing.isEmpty()
        ? alone
        : alone.on(new Blueprint.Backing(backing.get(), Optional.of("raw"), Optional.empty()));
  }

  /// Which runs of bytes are not zeros; where a parent would show through, those that are too.
  static Allocation allocation(byte[] guest, int grain, boolean hiding) {
    var runs = new Allocation.Builder();
    for (int at = 0; at < guest.length; at += grain) {
      int length = Math.min(grain, guest.length - at);
      if (!isZero(guest, at, length)) {
        runs.data(at, length);
      } else if (hiding) {
        runs.zero(at, length);
      }
    }
    return runs.build(guest.length);
  }

  private static boolean isZero(byte[] bytes, int at, int length) {
    for (int i = at; i < at + length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /// Writes all files of a plan.
  Path write(String name, Plan plan, byte[] guest) throws IOException {
    for (Plan.PlannedFile file : plan.files()) {
      Path path = folder.resolve(file.name().isEmpty() ? name : file.name());
      Files.write(path, new byte[0]);
      try (Storage storage = FileStorage.open(path, Access.WRITE, Sharing.LOCKED)) {
        storage.resize(file.size());
        write(storage, file, guest);
      }
    }
    return folder.resolve(name);
  }

  private void write(Storage storage, Plan.PlannedFile file, byte[] guest) throws IOException {
    long end = 0;
    for (Piece piece : file.pieces()) {
      assertTrue(piece.position() >= end, piece + " comes after " + end);
      end = piece.position() + piece.length();
      assertTrue(piece.length() > 0 && end <= file.size(), piece + " in " + file.size());
      switch (piece) {
        case Piece.Guest(long position, long length, long offset) -> {
          byte[] bytes = new byte[(int) length];
          int there = (int) Math.clamp(guest.length - offset, 0, length);
          System.arraycopy(guest, (int) offset, bytes, 0, there);
          storage.write(position, MemorySegment.ofArray(bytes));
        }
        case Piece.Metadata metadata -> metadata(storage, metadata);
      }
    }
  }

  /// In windows of odd sizes, as another executor might want them.
  private void metadata(Storage storage, Piece.Metadata piece) throws IOException {
    for (long at = 0; at < piece.length(); ) {
      long length = Math.min(piece.length() - at, 512L * (1 + random.nextInt(300)));
      var window = MemorySegment.ofArray(new byte[(int) length]);
      piece.source().fill(at, window);
      storage.write(piece.position() + at, window);
      at += length;
    }
  }

  /// Writes a compressed image.
  Path pack(String name, Blueprint blueprint, byte[] guest) throws IOException {
    Packing packing = FORMAT.pack(blueprint).orElseThrow();
    Path path = folder.resolve(name);
    Files.write(path, new byte[0]);
    try (Storage storage = FileStorage.open(path, Access.WRITE, Sharing.LOCKED)) {
      List<Packing.Run> zeros = units(packing, storage, guest);
      Plan.PlannedFile rest = packing.finish(zeros).files().getFirst();
      storage.resize(rest.size());
      write(storage, rest, guest);
    }
    return path;
  }

  private static List<Packing.Run> units(Packing packing, Storage storage, byte[] guest)
      throws IOException {
    int unit = packing.unitSize();
    List<Packing.Run> zeros = new ArrayList<>();
    var target = MemorySegment.ofArray(new byte[packing.encodedLimit()]);
    try (Packing.Encoder encoder = packing.encoder()) {
      for (int at = 0; at < guest.length; at += unit) {
        var bytes = MemorySegment.ofArray(Arrays.copyOfRange(guest, at, at + unit));
        if (isZero(guest, at, Math.min(unit, guest.length - at))) {
          zeros.add(new Packing.Run(at, Math.min(unit, guest.length - at)));
          continue;
        }
        int length = encoder.encode(at, bytes, target);
        long position = packing.place(at, length);
        storage.write(position, length == Packing.Encoder.RAW ? bytes : target.asSlice(0, length));
      }
    }
    return zeros;
  }

  /// Bytes of a disk: some runs of noise, some of text, the rest zeros.
  static byte[] guest(int size, int runs, long seed) {
    var random = new SplittableRandom(seed);
    byte[] guest = new byte[size];
    for (int run = 0; run < runs; run++) {
      int at = random.nextInt(size);
      int length = Math.min(1 + random.nextInt(1 << random.nextInt(19)), size - at);
      byte[] bytes = new byte[length];
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
      } else {
        Arrays.fill(bytes, (byte) (1 + random.nextInt(255)));
      }
      System.arraycopy(bytes, 0, guest, at, length);
    }
    return guest;
  }
}
