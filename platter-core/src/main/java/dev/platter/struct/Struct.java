package dev.platter.struct;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// An on-disk structure, declared once: decoder, encoder, byte table and list of fields come from
/// one function.
///
/// ```java
/// record Header(long magic, int version) {
///   static final Struct<Header> STRUCT =
///       Struct.bigEndian("header", new Header(0, 0), Header::fields);
///
///   private static Header fields(Fields f, Header h) {
///     return new Header(f.u32("magic", h.magic), f.u16("version", h.version));
///   }
/// }
/// ```
///
/// (Plain code and no reflection on records: a command that opens one header pays for neither
/// annotations nor method handles at its start.)
///
/// @param <T> the record that holds the fields' values
public final class Struct<T> {
  private final String name;
  private final ByteOrder order;
  private final T blank;
  private final Layout<T> layout;
  private final int size;

  /// Names the fields in their order.
  ///
  /// @param <T> the record that holds the fields' values
  @FunctionalInterface
  public interface Layout<T> {
    /// Passes every component of `value` to `fields` and makes the record of what comes back.
    T apply(Fields fields, T value);
  }

  private Struct(String name, ByteOrder order, T blank, Layout<T> layout) {
    this.name = name;
    this.order = order;
    this.blank = blank;
    this.layout = layout;
    var measure = new Listing();
    layout.apply(measure, blank);
    this.size = measure.offset;
  }

  /// A structure whose numbers are stored with their least significant byte first.
  ///
  /// @param blank a record of zeros; its [Bytes] have the right lengths
  public static <T> Struct<T> littleEndian(String name, T blank, Layout<T> layout) {
    return new Struct<>(name, ByteOrder.LITTLE_ENDIAN, blank, layout);
  }

  /// A structure whose numbers are stored with their most significant byte first.
  ///
  /// @param blank a record of zeros; its [Bytes] have the right lengths
  public static <T> Struct<T> bigEndian(String name, T blank, Layout<T> layout) {
    return new Struct<>(name, ByteOrder.BIG_ENDIAN, blank, layout);
  }

  /// What the structure is called.
  public String name() {
    return name;
  }

  /// Bytes on disk.
  public int size() {
    return size;
  }

  /// The record that has only zeros.
  public T blank() {
    return blank;
  }

  /// Reads the structure at a position of a storage; what lies behind the storage's end is zeros.
  public T read(Storage storage, long position) throws IOException {
    byte[] bytes = new byte[size];
    long there = Math.clamp(storage.size() - position, 0, size);
    if (there > 0) {
      storage.read(position, MemorySegment.ofArray(bytes).asSlice(0, there));
    }
    return decode(bytes, 0);
  }

  /// Decodes without judging.
  public T decode(byte[] bytes, int at) {
    return layout.apply(new Decoder(ByteBuffer.wrap(bytes, at, size).slice().order(order)), blank);
  }

  /// The structure's bytes.
  public byte[] encode(T value) {
    var buffer = ByteBuffer.allocate(size).order(order);
    layout.apply(new Encoder(buffer), value);
    return buffer.array();
  }

  /// The fields with their values, in order.
  public List<Field> fields(T value) {
    var listing = new Listing();
    layout.apply(listing, value);
    return List.copyOf(listing.fields);
  }

  /// Where a field is: for messages that name its position.
  public int offset(String field) {
    return fields(blank).stream()
        .filter(f -> f.name().equals(field))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " has no field " + field))
        .offset();
  }

  /// A line for each field, as the format's document has it: offset, length, name.
  public String byteTable() {
    var table = new StringBuilder();
    for (Field field : fields(blank)) {
      table.append(String.format("| %d | %d | %s |%n", field.offset(), field.size(), field.name()));
    }
    return table.toString();
  }

  /// A field of a structure.
  ///
  /// @param offset from the structure's start
  /// @param size bytes
  /// @param value a `Long` or [Bytes]
  public record Field(String name, int offset, int size, Object value) {}

  private record Decoder(ByteBuffer in) implements Fields {
    @Override
    public int u8(String name, int value) {
      return in.get() & 0xff;
    }

    @Override
    public int u16(String name, int value) {
      return in.getShort() & 0xffff;
    }

    @Override
    public long u32(String name, long value) {
      return in.getInt() & 0xffff_ffffL;
    }

    @Override
    public long u64(String name, long value) {
      return in.getLong();
    }

    @Override
    public Bytes bytes(String name, int length, Bytes value) {
      byte[] bytes = new byte[length];
      in.get(bytes);
      return Bytes.of(bytes);
    }
  }

  private record Encoder(ByteBuffer out) implements Fields {
    @Override
    public int u8(String name, int value) {
      out.put((byte) value);
      return value;
    }

    @Override
    public int u16(String name, int value) {
      out.putShort((short) value);
      return value;
    }

    @Override
    public long u32(String name, long value) {
      out.putInt((int) value);
      return value;
    }

    @Override
    public long u64(String name, long value) {
      out.putLong(value);
      return value;
    }

    @Override
    public Bytes bytes(String name, int length, Bytes value) {
      if (value.length() != length) {
        throw new IllegalArgumentException(
            name + " has " + value.length() + " bytes instead of " + length);
      }
      out.put(value.toArray());
      return value;
    }
  }

  private static final class Listing implements Fields {
    private final List<Field> fields = new ArrayList<>();
    private int offset;

    private <V> V add(String name, int size, V value, Object shown) {
      fields.add(new Field(name, offset, size, shown));
      offset += size;
      return value;
    }

    @Override
    public int u8(String name, int value) {
      return add(name, 1, value, (long) value);
    }

    @Override
    public int u16(String name, int value) {
      return add(name, 2, value, (long) value);
    }

    @Override
    public long u32(String name, long value) {
      return add(name, 4, value, value);
    }

    @Override
    public long u64(String name, long value) {
      return add(name, 8, value, value);
    }

    @Override
    public Bytes bytes(String name, int length, Bytes value) {
      return add(name, length, value, value);
    }
  }
}
