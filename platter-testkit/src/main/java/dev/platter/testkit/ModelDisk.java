package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// A disk beside an array of bytes that says what must be on it.
final class ModelDisk implements AutoCloseable {
  private final Lab lab = new Lab();
  private String name;
  private byte[] expected;
  private Disk disk;
  private int images;

  ModelDisk(ModelTest.Layer base) throws IOException {
    this.expected = new byte[Math.toIntExact(base.size())];
    this.name = nextName(base.variant());
    lab.create(base.variant(), name, base.size());
    this.disk = lab.open(name, Access.WRITE);
  }

  private String nextName(Variant variant) {
    return "image" + images++ + "." + variant.format().extensions().getFirst();
  }

  void perform(Operation operation, List<ModelTest.Layer> layers) throws IOException {
    switch (operation) {
      case Operation.Write(long offset, int length, int version) ->
          write(offset, Stamp.bytes(offset, inside(offset, length), version));
      case Operation.WriteZeros(long offset, int length) ->
          write(offset, new byte[inside(offset, length)]);
      case Operation.Zero(long offset, int length, var room) -> {
        int there = inside(offset, length);
        if (there > 0) {
          disk.zero(offset, there, room);
          Arrays.fill(expected, (int) offset, (int) offset + there, (byte) 0);
        }
      }
      case Operation.Discard(long offset, int length) -> discard(offset, inside(offset, length));
      case Operation.Read(long offset, int length) -> compare(offset, inside(offset, length));
      case Operation.Flush() -> disk.flush();
      case Operation.Reopen() -> reopen();
      case Operation.Map() -> ModelTest.checkExtents(disk, expected);
      case Operation.Child(int layer, long size) -> child(layers.get(layer).variant(), size);
    }
  }

  private int inside(long offset, int length) {
    return Math.clamp(expected.length - offset, 0, length);
  }

  private void write(long offset, byte[] bytes) throws IOException {
    if (bytes.length > 0) {
      disk.write(offset, MemorySegment.ofArray(bytes));
      System.arraycopy(bytes, 0, expected, (int) offset, bytes.length);
    }
  }

  private void discard(long offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    disk.discard(offset, length);
    byte[] found = new byte[length];
    disk.read(offset, MemorySegment.ofArray(found));
    for (int at = 0; at < length; at++) {
      int place = (int) offset + at;
      if (found[at] != 0 && found[at] != expected[place]) {
        throw new AssertionError("discarded offset " + place + " has " + Stamp.describe(found, at));
      }
      expected[place] = found[at];
    }
  }

  private void compare(long offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    byte[] found = new byte[length];
    disk.read(offset, MemorySegment.ofArray(found));
    byte[] wanted = Arrays.copyOfRange(expected, (int) offset, (int) offset + length);
    String difference = Stamp.difference(wanted, found);
    if (!difference.isEmpty()) {
      throw new AssertionError(disk + ", from " + offset + " on: " + difference);
    }
  }

  private void reopen() throws IOException {
    disk.close();
    disk = lab.open(name, Access.WRITE);
    compare(0, expected.length);
  }

  private void child(Variant variant, long size) throws IOException {
    disk.close();
    String parent = name;
    name = nextName(variant);
    lab.createChild(variant, name, size, parent);
    expected = Arrays.copyOf(expected, Math.toIntExact(size));
    disk = lab.open(name, Access.WRITE);
  }

  /// Everything once more, from disk; then a copy of it.
  void finish() throws IOException {
    compare(0, expected.length);
    ModelTest.checkExtents(disk, expected);
    reopen();
    checked(lab);
    Variant variant = lab.variant(name);
    if (expected.length % variant.sizeUnit() == 0) {
      // a folder of its own: further files of an image may have fixed names
      var other = new Lab();
      other.createFrom(variant, name, disk, Lab.allocation(disk));
      checked(other);
      try (Disk copied = other.open(name, Access.READ)) {
        String difference = Stamp.difference(expected, Lab.content(copied));
        if (!difference.isEmpty()) {
          throw new AssertionError("the copy of " + disk + ": " + difference);
        }
      }
    }
  }

  private void checked(Lab where) throws IOException {
    List<Finding> findings = where.check(name);
    if (!findings.isEmpty()) {
      throw new AssertionError(name + ": " + findings);
    }
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
