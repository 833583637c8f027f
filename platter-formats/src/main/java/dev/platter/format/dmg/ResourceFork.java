package dev.platter.format.dmg;

import dev.platter.image.ImageException.Corrupt;
import dev.platter.struct.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the resources of a kind from a resource fork, the older place of block tables (Inside
/// Macintosh: More Macintosh Toolbox, 1-121).
final class ResourceFork {
  private static final int TYPES_AT = 24;
  private static final int NAMES_AT = 26;
  private static final int TYPE = 8;
  private static final int REFERENCE = 12;
  private static final int NO_NAME = 0xffff;

  private final String file;
  private final ByteBuffer fork;
  private long taken;

  private ResourceFork(String file, byte[] fork) {
    this.file = file;
    this.fork = ByteBuffer.wrap(fork);
  }

  /// A resource.
  ///
  /// @param position where its bytes are in the fork
  record Resource(String name, int id, int position, Bytes bytes) {}

  /// All resources of a kind.
  ///
  /// @param type four letters
  static List<Resource> read(String file, byte[] fork, String type) throws Corrupt {
    return new ResourceFork(file, fork).resources(type);
  }

  private List<Resource> resources(String type) throws Corrupt {
    long data = u32(0);
    long map = u32(4);
    long types = map + u16(map + TYPES_AT);
    long names = map + u16(map + NAMES_AT);
    int wanted = ByteBuffer.wrap(type.getBytes(StandardCharsets.US_ASCII)).getInt();
    List<Resource> found = new ArrayList<>();
    int typeCount = (u16(types) + 1) & 0xffff;
    for (int index = 0; index < typeCount; index++) {
      long entry = types + 2 + (long) TYPE * index;
      if ((int) u32(entry) == wanted) {
        int count = (u16(entry + 4) + 1) & 0xffff;
        long references = types + u16(entry + 6);
        for (int reference = 0; reference < count; reference++) {
          found.add(resource(references + (long) REFERENCE * reference, names, data));
        }
        // a type is listed once
        return found;
      }
    }
    return found;
  }

  private Resource resource(long reference, long names, long data) throws Corrupt {
    int id = (short) u16(reference);
    int name = u16(reference + 2);
    long position = data + (u32(reference + 4) & 0xff_ffff);
    long length = u32(position);
    // a fork whose resources are all the same bytes could otherwise become very large
    taken += length;
    if (taken > fork.capacity()) {
      throw new Corrupt(file, "resource fork has resources that are larger than itself");
    }
    return new Resource(
        name == NO_NAME ? "" : name(names + name),
        id,
        (int) position + 4,
        Bytes.of(bytes(position + 4, length)));
  }

  private String name(long at) throws Corrupt {
    // Mac OS Roman is ASCII in its lower half
    return new String(bytes(at + 1, need(at, 1).get() & 0xff), StandardCharsets.ISO_8859_1);
  }

  private int u16(long at) throws Corrupt {
    return need(at, 2).getShort() & 0xffff;
  }

  private long u32(long at) throws Corrupt {
    return need(at, 4).getInt() & 0xffff_ffffL;
  }

  private byte[] bytes(long at, long length) throws Corrupt {
    byte[] bytes = new byte[(int) Math.min(length, fork.capacity())];
    need(at, length).get(bytes);
    return bytes;
  }

  private ByteBuffer need(long at, long length) throws Corrupt {
    if (at < 0 || length < 0 || at > fork.capacity() - length) {
      throw new Corrupt(
          file,
          "resource fork needs " + length + " bytes at " + at + ", and has " + fork.capacity());
    }
    return fork.slice((int) at, (int) length);
  }
}
