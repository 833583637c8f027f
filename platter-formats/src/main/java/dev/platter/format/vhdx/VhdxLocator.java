package dev.platter.format.vhdx;

import dev.platter.image.ParentLink;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.UUID;

/// Names the parent: keys and values.
///
/// @param type the kind of locator; only [#VHDX] is known
/// @param values in the order in which they stand there
record VhdxLocator(Bytes type, SequencedMap<String, String> values) {
  static final Bytes VHDX =
      Bytes.mixedEndian(UUID.fromString("b04aefb7-d19e-4a81-b789-25b8e9445913"));
  static final String LINKAGE = "parent_linkage";
  static final String OTHER_LINKAGE = "parent_linkage2";
  static final String RELATIVE = "relative_path";
  static final String VOLUME = "volume_path";
  static final String ABSOLUTE = "absolute_win32_path";

  private static final List<String> PATHS = List.of(RELATIVE, VOLUME, ABSOLUTE);

  /// Pairs that are read; five are known.
  private static final int MOST_PAIRS = 256;

  /// What stands before the pairs.
  ///
  /// @param type the kind of locator
  /// @param reserved 0
  /// @param count how many pairs follow
  record Head(Bytes type, int reserved, int count) {
    static final Struct<Head> STRUCT =
        Struct.littleEndian("parent locator", new Head(VhdxHeader.NO_GUID, 0, 0), Head::fields);

    private static Head fields(Fields f, Head v) {
      return new Head(
          f.bytes("type", 16, v.type), f.u16("reserved", v.reserved), f.u16("count", v.count));
    }
  }

  /// Where a key and its value are in the item.
  ///
  /// @param keyOffset from the item's start
  /// @param valueOffset from the item's start
  /// @param keyLength bytes
  /// @param valueLength bytes
  record Pair(long keyOffset, long valueOffset, int keyLength, int valueLength) {
    static final Struct<Pair> STRUCT =
        Struct.littleEndian("pair", new Pair(0, 0, 0, 0), Pair::fields);

    private static Pair fields(Fields f, Pair v) {
      return new Pair(
          f.u32("keyOffset", v.keyOffset),
          f.u32("valueOffset", v.valueOffset),
          f.u16("keyLength", v.keyLength),
          f.u16("valueLength", v.valueLength));
    }
  }

  /// The locator in an item.
  ///
  /// @throws IllegalArgumentException if it is none, with what is wrong
  static VhdxLocator decode(byte[] item) {
    if (item.length < Head.STRUCT.size()) {
      throw new IllegalArgumentException("has only " + item.length + " bytes");
    }
    Head head = Head.STRUCT.decode(item, 0);
    if (head.count > MOST_PAIRS || pair(head.count) > item.length) {
      throw new IllegalArgumentException("has no room for its " + head.count + " pairs");
    }
    SequencedMap<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < head.count; i++) {
      Pair pair = Pair.STRUCT.decode(item, pair(i));
      String key = text(item, pair.keyOffset, pair.keyLength);
      String value = text(item, pair.valueOffset, pair.valueLength);
      if (values.put(key, value) != null) {
        throw new IllegalArgumentException("has two values for '" + key + "'");
      }
    }
    return new VhdxLocator(head.type, values);
  }

  private static int pair(int number) {
    return Head.STRUCT.size() + number * Pair.STRUCT.size();
  }

  private static String text(byte[] item, long offset, int length) {
    if (length == 0 || length % 2 != 0 || offset > item.length - length) {
      throw new IllegalArgumentException(
          "has a text of " + length + " bytes at " + offset + " of " + item.length);
    }
    try {
      return StandardCharsets.UTF_16LE
          .newDecoder()
          .decode(ByteBuffer.wrap(item, (int) offset, length))
          .toString();
    } catch (CharacterCodingException _) {
      throw new IllegalArgumentException("has a text at " + offset + " that is not UTF-16");
    }
  }

  /// The item's bytes.
  byte[] encode() {
    List<byte[]> texts = new ArrayList<>();
    List<Pair> pairs = new ArrayList<>();
    int end = pair(values.size());
    for (var entry : values.entrySet()) {
      byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_16LE);
      byte[] value = entry.getValue().getBytes(StandardCharsets.UTF_16LE);
      pairs.add(new Pair(end, (long) end + key.length, key.length, value.length));
      texts.add(key);
      texts.add(value);
      end += key.length + value.length;
    }
    ByteBuffer item = ByteBuffer.allocate(end);
    item.put(Head.STRUCT.encode(new Head(type, 0, pairs.size())));
    pairs.forEach(pair -> item.put(Pair.STRUCT.encode(pair)));
    texts.forEach(item::put);
    return item.array();
  }

  /// What an image says about its parent with this.
  ParentLink link() {
    SequencedSet<String> names = new LinkedHashSet<>();
    for (String key : PATHS) {
      Optional.ofNullable(values.get(key)).ifPresent(path -> names.add(slashes(path)));
    }
    // for a chain that was moved into one folder
    for (String name : List.copyOf(names)) {
      names.add(name.substring(name.lastIndexOf('/') + 1));
    }
    names.remove("");
    List<UUID> states = new ArrayList<>();
    guid(LINKAGE).ifPresent(states::add);
    guid(OTHER_LINKAGE).ifPresent(states::add);
    Optional<UUID> first = states.isEmpty() ? Optional.empty() : Optional.of(states.getFirst());
    return new ParentLink(
        List.copyOf(names),
        Optional.of(VhdxFormat.NAME),
        Optional.empty(),
        first,
        states.size() > 1 ? List.of(states.getLast()) : List.of());
  }

  /// A value that is a GUID, with or without braces.
  Optional<UUID> guid(String key) {
    String text = values.getOrDefault(key, "").strip();
    if (text.startsWith("{") && text.endsWith("}")) {
      text = text.substring(1, text.length() - 1);
    }
    try {
      return text.length() == 36
          ? Optional.of(UUID.fromString(text.toLowerCase(Locale.ROOT)))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// What is wrong with it as the locator of a parent; empty if nothing is.
  String fault() {
    if (!type.equals(VHDX)) {
      return "has the unknown type " + type.mixedEndian();
    }
    if (guid(LINKAGE).isEmpty()) {
      return "has no GUID as its value of " + LINKAGE;
    }
    return PATHS.stream().noneMatch(values::containsKey) ? "has no path" : "";
  }

  /// A Windows path with slashes, and without the prefix that means nothing elsewhere.
  private static String slashes(String path) {
    String plain = path.replace('\\', '/');
    boolean drive = plain.startsWith("//?/") && plain.length() > 5 && plain.charAt(5) == ':';
    plain = drive ? plain.substring(4) : plain;
    return plain.startsWith("./") ? plain.substring(2) : plain;
  }

  /// A locator for a new child.
  ///
  /// @param name the parent's name as the user wrote it
  /// @param state the parent's data-write GUID
  static VhdxLocator of(String name, UUID state) {
    String path = name.replace('/', '\\');
    if (path.isEmpty() || path.length() > 4096 || !encodable(path)) {
      throw new IllegalArgumentException("'" + name + "' is no name for a parent");
    }
    SequencedMap<String, String> values = new LinkedHashMap<>();
    values.put(LINKAGE, "{" + state + "}");
    boolean drive = path.length() > 1 && path.charAt(1) == ':';
    if (path.startsWith("\\") || drive) {
      values.put(ABSOLUTE, drive ? "\\\\?\\" + path : path);
    } else {
      values.put(RELATIVE, path.startsWith(".") ? path : ".\\" + path);
    }
    return new VhdxLocator(VHDX, values);
  }

  /// The same with another state of the parent.
  VhdxLocator with(UUID state) {
    SequencedMap<String, String> changed = new LinkedHashMap<>(values);
    changed.put(LINKAGE, "{" + state + "}");
    changed.remove(OTHER_LINKAGE);
    return new VhdxLocator(type, changed);
  }

  private static boolean encodable(String path) {
    return path.indexOf('\0') < 0 && StandardCharsets.UTF_16LE.newEncoder().canEncode(path);
  }
}
