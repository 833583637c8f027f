package dev.platter.format.crypto;

import dev.platter.image.ImageException;
import dev.platter.image.Keyed;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A LUKS1 header and its key slots, in a container or in clusters of another image.
public final class Luks1 implements KeyContainer {
  private static final int SECTOR = Luks1Header.SECTOR;

  private final Storage storage;
  private final long end;
  private final CipherSpec spec;
  private final Hash hash;
  private Luks1Header header;

  private Luks1(Storage storage, long end, Luks1Header header) throws ImageException {
    this.storage = storage;
    this.end = end;
    this.header = header;
    this.spec =
        CipherSpec.parse(
            storage.name(), Luks1Header.text(header.cipher()), Luks1Header.text(header.mode()));
    this.hash = Hash.of(storage.name(), Luks1Header.text(header.hash()));
  }

  /// Reads the header of a container, whose key slots lie in front of its guest data.
  public static Luks1 ofContainer(Storage storage) throws IOException {
    Luks1Header header = Luks1Header.STRUCT.read(storage, 0);
    return of(storage, Math.min(header.payload() * SECTOR, storage.size()), header);
  }

  /// Reads a header from a storage that has nothing else.
  public static Luks1 alone(Storage storage) throws IOException {
    return of(storage, storage.size(), Luks1Header.STRUCT.read(storage, 0));
  }

  private static Luks1 of(Storage storage, long end, Luks1Header header) throws IOException {
    return new Luks1(storage, end, header.checked(storage, end));
  }

  @Override
  public Unlocked unlock(Secret secret) throws IOException {
    int tried = 0;
    for (int number = 0; number < Luks1Header.SLOTS; number++) {
      Luks1Slot slot = header.slots().get(number);
      if (slot.used()) {
        tried++;
        byte[] key = open(slot, secret);
        if (isKey(key)) {
          return new Unlocked(Secret.of(key), number);
        }
        Arrays.fill(key, (byte) 0);
      }
    }
    throw new ImageException.Locked(
        storage.name(), "the key that was given opens none of " + tried + " LUKS key slots");
  }

  private byte[] open(Luks1Slot slot, Secret secret) throws IOException {
    byte[] stripes = new byte[(int) material()];
    MemorySegment bytes = MemorySegment.ofArray(stripes);
    long there = Math.min(stripes.length, storage.size() - slot.position() * SECTOR);
    storage.read(slot.position() * SECTOR, bytes.asSlice(0, there));
    try (SectorCipher cipher = slotCipher(secret, slot.salt().toArray(), slot.iterations())) {
      cipher.decode(0, bytes, bytes);
    }
    byte[] key = AntiForensic.merge(hash, stripes, (int) header.keyBytes());
    Arrays.fill(stripes, (byte) 0);
    return key;
  }

  /// Bytes of key material, in whole sectors.
  private long material() {
    return header.material() + SECTOR - 1 & -SECTOR;
  }

  private SectorCipher slotCipher(Secret secret, byte[] salt, long iterations) {
    byte[] key = Pbkdf2.derive(hash, secret.bytes(), salt, iterations, (int) header.keyBytes());
    try {
      return new SectorCipher(spec, key, SECTOR, 0);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private boolean isKey(byte[] key) {
    byte[] digest =
        Pbkdf2.derive(
            hash,
            key,
            header.digestSalt().toArray(),
            header.digestIterations(),
            Luks1Header.DIGEST);
    return MessageDigest.isEqual(digest, header.digest().toArray());
  }

  @Override
  public SectorCipher cipher(Secret key) {
    return new SectorCipher(spec, key.bytes(), SECTOR, 0);
  }

  @Override
  public long payload() {
    return header.payload() * SECTOR;
  }

  @Override
  public List<Keyed.KeySlot> slots() {
    List<Keyed.KeySlot> slots = new ArrayList<>();
    for (int number = 0; number < Luks1Header.SLOTS; number++) {
      Luks1Slot slot = header.slots().get(number);
      slots.add(
          new Keyed.KeySlot(
              number,
              slot.used(),
              slot.used()
                  ? "pbkdf2 " + hash.label() + ", " + slot.iterations() + " iterations"
                  : ""));
    }
    return slots;
  }

  @Override
  public int add(Secret key, Secret added, Keyed.Effort effort) throws IOException {
    for (int number = 0; number < Luks1Header.SLOTS; number++) {
      if (free(number)) {
        long iterations =
            Pbkdf2.iterations(
                hash, (int) header.keyBytes(), effort.millis(), Effort.LEAST_ITERATIONS);
        lock(number, key, added, iterations);
        return number;
      }
    }
    throw new ImageException.Unsupported(storage.name(), "has no free key slot");
  }

  private boolean free(int number) {
    Luks1Slot slot = header.slots().get(number);
    if (slot.used() || !header.inside(slot, end)) {
      return false;
    }
    for (int other = 0; other < Luks1Header.SLOTS; other++) {
      if (other != number && header.slots().get(other).used() && !header.apart(number, other)) {
        return false;
      }
    }
    return true;
  }

  /// Key material first: until the header names it, nobody looks at it.
  private void lock(int number, Secret key, Secret added, long iterations) throws IOException {
    var random = new SecureRandom();
    byte[] salt = new byte[Luks1Slot.SALT];
    random.nextBytes(salt);
    Luks1Slot slot = header.slots().get(number).used(iterations, salt);
    byte[] stripes = Arrays.copyOf(AntiForensic.split(hash, key.bytes(), random), (int) material());
    MemorySegment bytes = MemorySegment.ofArray(stripes);
    try (SectorCipher cipher = slotCipher(added, salt, iterations)) {
      cipher.encode(0, bytes, bytes);
    }
    storage.write(slot.position() * SECTOR, bytes);
    storage.flush();
    replace(header.with(number, slot));
  }

  private void replace(Luks1Header changed) throws IOException {
    storage.write(0, MemorySegment.ofArray(Luks1Header.STRUCT.encode(changed)));
    storage.flush();
    header = changed;
  }

  @Override
  public void remove(int number) throws IOException {
    if (number < 0 || number >= Luks1Header.SLOTS || !header.slots().get(number).used()) {
      throw new ImageException.Unsupported(storage.name(), "key slot " + number + " is not in use");
    }
    if (header.slots().stream().filter(Luks1Slot::used).count() == 1) {
      throw new ImageException.Unsupported(
          storage.name(), "key slot " + number + " is the last one: nothing would open the image");
    }
    Luks1Slot slot = header.slots().get(number);
    replace(header.with(number, Luks1Slot.free(slot.position())));
    byte[] noise = new byte[(int) header.material()];
    new SecureRandom().nextBytes(noise);
    storage.write(slot.position() * SECTOR, MemorySegment.ofArray(noise));
    storage.flush();
  }

  @Override
  public SequencedMap<String, Object> describe() {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("ivgen-alg", spec.vector().label());
    if (spec.vector() == CipherSpec.Vector.ESSIV) {
      facts.put("ivgen-hash-alg", spec.vectorHash().label());
    }
    facts.put("hash-alg", hash.label());
    facts.put("cipher-alg", "aes-" + spec.bits((int) header.keyBytes()));
    facts.put("uuid", Luks1Header.text(header.uuid()));
    facts.put("cipher-mode", spec.mode().label());
    List<Object> slots = new ArrayList<>();
    for (Luks1Slot slot : header.slots()) {
      SequencedMap<String, Object> one = new LinkedHashMap<>();
      one.put("active", slot.used());
      if (slot.used()) {
        one.put("iters", slot.iterations());
        one.put("stripes", slot.stripes());
      }
      one.put("key-offset", slot.position() * SECTOR);
      slots.add(one);
    }
    facts.put("slots", slots);
    facts.put("payload-offset", payload());
    facts.put("master-key-iters", header.digestIterations());
    return facts;
  }

  /// The header of a new container that has no slot in use yet.
  ///
  /// @param uuid of the container
  static Luks1Header blank(
      CipherSpec spec, Hash hash, Secret key, String uuid, long digestIterations) {
    byte[] salt = new byte[Luks1Slot.SALT];
    new SecureRandom().nextBytes(salt);
    int keyBytes = key.bytes().length;
    List<Luks1Slot> slots = new ArrayList<>();
    for (int number = 0; number < Luks1Header.SLOTS; number++) {
      slots.add(Luks1Slot.free(Luks1Draft.slotPosition(number, keyBytes) / SECTOR));
    }
    byte[] digest = Pbkdf2.derive(hash, key.bytes(), salt, digestIterations, Luks1Header.DIGEST);
    return new Luks1Header(
        Luks1Header.MAGIC,
        1,
        Bytes.text("aes", Luks1Header.NAME),
        Bytes.text(spec.modeLabel(), Luks1Header.NAME),
        Bytes.text(hash.label(), Luks1Header.NAME),
        Luks1Draft.length(keyBytes) / SECTOR,
        keyBytes,
        Bytes.of(digest),
        Bytes.of(salt),
        digestIterations,
        Bytes.text(uuid, 40),
        slots);
  }

  /// Writes a new header, with the first slot in use, to a storage that is long enough for it.
  static void create(
      Storage storage, Luks1Header header, Secret key, Secret secret, long iterations)
      throws IOException {
    storage.write(0, MemorySegment.ofArray(Luks1Header.STRUCT.encode(header)));
    new Luks1(storage, storage.size(), header).lock(0, key, secret, iterations);
  }
}
