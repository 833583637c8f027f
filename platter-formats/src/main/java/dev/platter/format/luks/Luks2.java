package dev.platter.format.luks;

import dev.platter.format.crypto.AntiForensic;
import dev.platter.format.crypto.Effort;
import dev.platter.format.crypto.Hash;
import dev.platter.format.crypto.KeyContainer;
import dev.platter.format.crypto.Pbkdf2;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
import dev.platter.image.Keyed;
import dev.platter.image.Limits;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// A LUKS2 header and its key slots.
final class Luks2 implements KeyContainer {
  private static final int SLOTS = 32;
  private static final int ALIGNMENT = 4096;

  private final Storage storage;
  private final Luks2Segment segment;
  private Luks2Area area;

  private Luks2(Storage storage, Luks2Area area, Luks2Segment segment) {
    this.storage = storage;
    this.area = area;
    this.segment = segment;
  }

  /// Reads the newer header that is whole.
  static Luks2 read(Storage storage) throws IOException {
    Luks2Area area = Luks2Area.read(storage);
    var root = new JsonFields(storage.name(), "", area.json());
    Luks2Segment segment = Luks2Segment.of(root);
    var luks = new Luks2(storage, area, segment);
    luks.usedSlots();
    return luks;
  }

  private JsonFields root() {
    return new JsonFields(storage.name(), "", area.json());
  }

  private long areasStart() {
    return 2 * area.header().size();
  }

  private long areasEnd() throws ImageException {
    long room =
        root().object("config").number("keyslots_size", 0, Math.max(segment.offset(), 128 << 20));
    long end = areasStart() + room;
    if (end > segment.offset()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its key slots end at " + end + ", guest data starts at " + segment.offset());
    }
    return end;
  }

  private List<Luks2Slot> usedSlots() throws ImageException {
    JsonFields all = root().object("keyslots");
    List<Luks2Slot> slots = new ArrayList<>();
    long end = areasEnd();
    for (String name : all.names()) {
      slots.add(Luks2Slot.of(all.object(name), number(name), areasStart(), end));
    }
    return slots;
  }

  private int number(String name) throws ImageException {
    for (int number = 0; number < SLOTS; number++) {
      if (name.equals(Integer.toString(number))) {
        return number;
      }
    }
    throw new ImageException.Corrupt(
        storage.name(), "has a key slot named '" + name + "', they have numbers from 0 to 31");
  }

  /// The digest of the disk's key.
  private JsonFields digest() throws ImageException {
    JsonFields digests = root().object("digests");
    for (String name : digests.names()) {
      JsonFields digest = digests.object(name);
      if (digest.texts("segments").contains(segment.name())) {
        return digest;
      }
    }
    throw new ImageException.Corrupt(
        storage.name(), "has no digest for the key of segment " + segment.name());
  }

  @Override
  public Unlocked unlock(Secret secret) throws IOException {
    JsonFields digest = digest();
    List<String> names = digest.texts("keyslots");
    int tried = 0;
    for (Luks2Slot slot : usedSlots()) {
      if (names.contains(Integer.toString(slot.number()))
          && segment.cipher().takes(slot.keyBytes())) {
        tried++;
        byte[] key = slot.open(storage, secret);
        if (isKey(digest, key)) {
          return new Unlocked(Secret.of(key), slot.number());
        }
        Arrays.fill(key, (byte) 0);
      }
    }
    throw new ImageException.Locked(
        storage.name(), "the key that was given opens none of " + tried + " LUKS key slots");
  }

  private boolean isKey(JsonFields digest, byte[] key) throws ImageException {
    String type = digest.text("type");
    if (!type.equals("pbkdf2")) {
      throw new ImageException.Unsupported(
          storage.name(), "has a digest of type '" + type + "', only pbkdf2 is known");
    }
    long iterations = digest.number("iterations", 1, Long.MAX_VALUE);
    Limits.check(storage.name(), "iterations of the digest", iterations, Effort.ITERATIONS);
    byte[] wanted = digest.bytes("digest", 1024);
    byte[] found =
        Pbkdf2.derive(
            Hash.of(storage.name(), digest.text("hash")),
            key,
            digest.bytes("salt", 1024),
            iterations,
            wanted.length);
    return MessageDigest.isEqual(found, wanted);
  }

  @Override
  public SectorCipher cipher(Secret key) {
    return new SectorCipher(segment.cipher(), key.bytes(), segment.sector(), segment.tweak());
  }

  @Override
  public long payload() {
    return segment.offset();
  }

  /// Bytes of guest data, where the header says it.
  OptionalLong size() {
    return segment.size();
  }

  /// Bytes of a sector.
  int sector() {
    return segment.sector();
  }

  @Override
  public List<Keyed.KeySlot> slots() {
    List<Keyed.KeySlot> slots = new ArrayList<>();
    for (int number = 0; number < SLOTS; number++) {
      slots.add(new Keyed.KeySlot(number, false, ""));
    }
    try {
      for (Luks2Slot slot : usedSlots()) {
        slots.set(
            slot.number(), new Keyed.KeySlot(slot.number(), true, slot.derivation().describe()));
      }
    } catch (ImageException e) {
      throw new IllegalStateException("was read before", e);
    }
    return slots;
  }

  @Override
  public int add(Secret key, Secret added, Keyed.Effort effort) throws IOException {
    List<Luks2Slot> used = usedSlots();
    Luks2Slot model = used.getFirst();
    int number = freeNumber(used);
    long size = model.size();
    var slot =
        new Luks2Slot(
            number,
            model.keyBytes(),
            model.split(),
            freeArea(used, size),
            size,
            model.cipher(),
            model.cipherKey(),
            model.derivation().like(effort.millis(), model.cipherKey()));
    slot.lock(storage, key, added);
    storage.flush();
    enter(slot);
    area = area.write(storage);
    return number;
  }

  private int freeNumber(List<Luks2Slot> used) throws ImageException {
    for (int number = 0; number < SLOTS; number++) {
      int wanted = number;
      if (used.stream().noneMatch(slot -> slot.number() == wanted)) {
        return number;
      }
    }
    throw new ImageException.Unsupported(storage.name(), "has no free key slot");
  }

  private long freeArea(List<Luks2Slot> used, long size) throws ImageException {
    long end = areasEnd();
    for (long at = areasStart(); at + size <= end; at += ALIGNMENT) {
      long start = at;
      Optional<Luks2Slot> taken =
          used.stream()
              .filter(slot -> slot.position() < start + size)
              .filter(slot -> start < slot.position() + slot.size())
              .findFirst();
      if (taken.isEmpty()) {
        return at;
      }
    }
    throw new ImageException.Unsupported(
        storage.name(), "has no room for the material of one more key slot");
  }

  private void enter(Luks2Slot slot) throws ImageException {
    String name = Integer.toString(slot.number());
    root().object("keyslots").members().put(name, slot.json());
    if (digest().members().all().get("keyslots") instanceof Json.Values(List<Json> names)) {
      names.add(new Json.Text(name));
    }
  }

  @Override
  public void remove(int number) throws IOException {
    List<Luks2Slot> used = usedSlots();
    Luks2Slot slot =
        used.stream()
            .filter(each -> each.number() == number)
            .findFirst()
            .orElseThrow(() ->
                new ImageException.Unsupported(
                    storage.name(), "key slot " + number + " is not in use"));
    if (used.size() == 1) {
      throw new ImageException.Unsupported(
          storage.name(), "key slot " + number + " is the last one: nothing would open the image");
    }
    String name = Integer.toString(number);
    root().object("keyslots").members().all().remove(name);
    forget("digests", name);
    forget("tokens", name);
    area = area.write(storage);
    slot.wipe(storage);
  }

  /// Takes a slot out of the lists of those who use it.
  private void forget(String users, String slot) throws ImageException {
    if (!root().has(users)) {
      return;
    }
    JsonFields all = root().object(users);
    for (String user : all.names()) {
      if (all.object(user).members().all().get("keyslots")
          instanceof Json.Values(List<Json> names)) {
        names.remove(new Json.Text(slot));
      }
    }
  }

  @Override
  public SequencedMap<String, Object> describe() {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("version", 2L);
    facts.put("cipher", segment.cipher().toString());
    facts.put("sector-size", (long) segment.sector());
    facts.put("uuid", area.header().uuid().text(StandardCharsets.UTF_8));
    String label = area.header().label().text(StandardCharsets.UTF_8);
    if (!label.isEmpty()) {
      facts.put("label", label);
    }
    List<Object> slots = new ArrayList<>();
    for (Keyed.KeySlot slot : slots()) {
      if (slot.used()) {
        SequencedMap<String, Object> one = new LinkedHashMap<>();
        one.put("number", (long) slot.number());
        one.put("kdf", slot.derivation());
        slots.add(one);
      }
    }
    facts.put("slots", slots);
    facts.put("payload-offset", payload());
    return facts;
  }

  /// The binary header.
  Luks2Header header() {
    return area.header();
  }

  /// Bytes of key material of a key.
  static long material(int keyBytes) {
    return (long) keyBytes * AntiForensic.STRIPES + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /// Writes new headers and their first slot.
  static void create(Storage storage, Luks2Area area, Luks2Slot slot, Secret key, Secret secret)
      throws IOException {
    slot.lock(storage, key, secret);
    area.write(storage);
  }
}
