package dev.platter.format.dmg;

import dev.platter.format.plist.PropertyList;
import dev.platter.format.plist.PropertyList.Value;
import dev.platter.image.ImageException.Corrupt;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Finds the block tables of an image: in the property list, or else in the resource fork.
final class DmgTables {
  /// Bytes of a property list or resource fork: tables of some 600,000 chunks.
  static final int TEXT = 32 << 20;

  private static final String TYPE = "blkx";

  private final Storage storage;
  private final KolyTrailer trailer;
  private final Limits limits;

  DmgTables(Storage storage, KolyTrailer trailer, Limits limits) {
    this.storage = storage;
    this.trailer = trailer;
    this.limits = limits;
  }

  List<Partition> read() throws IOException {
    if (trailer.plistLength() > 0) {
      return fromPlist();
    }
    if (trailer.resourceForkLength() > 0) {
      return fromFork();
    }
    throw new Corrupt(storage.name(), "has neither a property list nor a resource fork");
  }

  private byte[] bytes(String what, long offset, long length) throws IOException {
    Limits.check(storage.name(), "bytes of the " + what, length, Math.min(TEXT, limits.tables()));
    byte[] bytes = new byte[(int) length];
    storage.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private List<Partition> fromPlist() throws IOException {
    byte[] text = bytes("property list", trailer.plistOffset(), trailer.plistLength());
    Value.Dictionary root = PropertyList.parse(storage.name(), text);
    List<Value> tables =
        root.dictionary("resource-fork").map(fork -> fork.list(TYPE)).orElse(List.of());
    List<Partition> found = new ArrayList<>();
    for (Value value : tables) {
      if (!(value instanceof Value.Dictionary table)
          || !(table.entries().get("Data")
              instanceof Value.Data(int position, int length, Bytes bytes))) {
        throw new Corrupt(
            storage.name(), "property list has a block table " + found.size() + " without data");
      }
      String id = table.text("ID").orElse(Integer.toString(found.size()));
      found.add(
          partition(
              table.text("Name").orElse(""), id, trailer.plistOffset() + position, length, bytes));
    }
    if (found.isEmpty()) {
      throw new Corrupt(storage.name(), "property list has no block tables");
    }
    return found;
  }

  private List<Partition> fromFork() throws IOException {
    byte[] fork =
        bytes("resource fork", trailer.resourceForkOffset(), trailer.resourceForkLength());
    List<Partition> found = new ArrayList<>();
    for (ResourceFork.Resource resource : ResourceFork.read(storage.name(), fork, TYPE)) {
      found.add(
          partition(
              resource.name(),
              Integer.toString(resource.id()),
              trailer.resourceForkOffset() + resource.position(),
              resource.bytes().length(),
              resource.bytes()));
    }
    if (found.isEmpty()) {
      throw new Corrupt(storage.name(), "resource fork has no block tables");
    }
    return found;
  }

  private Partition partition(String name, String id, long position, long length, Bytes bytes)
      throws Corrupt {
    BlockTable head =
        BlockTable.read(storage.name(), "block table at " + position, bytes.toArray());
    return new Partition(name, id, position, length, head, bytes);
  }
}
