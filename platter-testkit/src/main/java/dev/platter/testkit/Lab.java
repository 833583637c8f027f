package dev.platter.testkit;

import dev.platter.BlockDevice;
import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Extent;
import dev.platter.Formats;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Repairable;
import dev.platter.image.Secret;
import dev.platter.image.Secrets;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntPredicate;

/// A folder in memory and the formats of what is in it: makes images, opens them with their parents
/// and checks them. The same calls make the same bytes.
public final class Lab {
  private static final Instant NOW = Instant.parse("2020-02-02T02:02:02Z");
  private final MemoryFolder folder;
  private final Map<String, Variant> variants = new LinkedHashMap<>();
  private final Map<String, String> parents = new LinkedHashMap<>();
  private long identities;

  /// A lab with an empty folder.
  public Lab() {
    this(new MemoryFolder());
  }

  private Lab(MemoryFolder folder) {
    this.folder = folder;
  }

  /// The same images in another state; parents are shared.
  ///
  /// @param changed files in place of those that have their names
  public Lab with(List<FaultStorage> changed) {
    var other = new Lab(new MemoryFolder(folder.files()));
    changed.forEach(other.folder::put);
    other.variants.putAll(variants);
    other.parents.putAll(parents);
    other.identities = identities;
    return other;
  }

  /// Copies of all files, as they are now.
  public List<FaultStorage> copies() throws IOException {
    List<FaultStorage> copies = new ArrayList<>();
    for (FaultStorage file : folder.files()) {
      copies.add(FaultStorage.copyOf(file));
    }
    return copies;
  }

  /// Copies an image under another name.
  public void createCopy(String name, String copy) throws IOException {
    FaultStorage from = folder.file(name);
    byte[] bytes = new byte[Math.toIntExact(from.size())];
    from.read(0, MemorySegment.ofArray(bytes));
    FaultStorage to = folder.create(copy);
    to.write(0, MemorySegment.ofArray(bytes));
    to.flush();
    variants.put(copy, variants.get(name));
  }

  /// Takes a file away.
  public void remove(String name) {
    folder.remove(name);
  }

  /// The files.
  public MemoryFolder folder() {
    return folder;
  }

  /// The variant that an image was made of.
  public Variant variant(String name) {
    return variants.get(name);
  }

  /// Makes an empty image that has no parent.
  public void create(Variant variant, String name, long size) throws IOException {
    write(variant, name, blueprint(variant, name, size), Allocation.empty(size), Optional.empty());
  }

  /// Takes an image that was made elsewhere.
  public void add(Variant variant, FaultStorage file) {
    folder.put(file);
    variants.put(file.name(), variant);
  }

  /// Makes an empty child.
  public void createChild(Variant variant, String name, long size, String parent)
      throws IOException {
    createChildWith(variant, name, Allocation.empty(size), parent);
  }

  /// Makes a child that has some marks of zeros.
  public void createChildWith(Variant variant, String name, Allocation allocation, String parent)
      throws IOException {
    try (Disk below = open(parent, Access.READ)) {
      var backing =
          new Blueprint.Backing(
              parent, Optional.of(variants.get(parent).format().name()), Optional.of(below.top()));
      Blueprint blueprint = blueprint(variant, name, allocation.size()).on(backing);
      write(variant, name, blueprint, allocation, Optional.empty());
      parents.put(name, parent);
    }
  }

  /// Makes an image of what a device has.
  public void createFrom(Variant variant, String name, BlockDevice source, Allocation allocation)
      throws IOException {
    Blueprint blueprint = blueprint(variant, name, source.size());
    write(variant, name, blueprint, allocation, Optional.of(source));
  }

  /// What a new image is asked to be.
  public Blueprint blueprint(Variant variant, String name, long size) {
    return new Blueprint(
        size,
        Options.of(variant.format(), variant.options()),
        name,
        Optional.empty(),
        () -> new UUID(0x1234_5678_9abc_4defL, 0x8000_0000_0000_0000L | ++identities),
        NOW,
        variant.secrets());
  }

  private void write(
      Variant variant,
      String name,
      Blueprint blueprint,
      Allocation allocation,
      Optional<BlockDevice> source)
      throws IOException {
    Plan plan = variant.format().plan(blueprint, allocation);
    variants.put(name, variant);
    // where gaps are noise, zeros are written, and are asked for
    BlockDevice nothing =
        variant.format().gapsReadAsZeros(blueprint)
            ? new NoDevice(allocation)
            : PlanContract.source(allocation);
    new PlanWriter(source.orElse(nothing))
        .write(plan, part -> folder.create(part.isEmpty() ? name : part));
  }

  /// Opens an image and its parents.
  public Disk open(String name, Access access) throws IOException {
    return open(folder.open(name, access), name, access, Purpose.DATA);
  }

  /// Opens the image of a name from another storage.
  public Disk open(Storage storage, String name, Access access, Purpose purpose)
      throws IOException {
    DiskOptions options =
        DiskOptions.standard()
            .access(access)
            .format(Optional.of(variants.get(name).format().name()))
            .parentFormat(Optional.of(base(name).format().name()))
            .purpose(purpose)
            .secrets(secrets())
            .reach(folder);
    return new Disks(formats()).open(storage, options);
  }

  /// Opens an image without its parents.
  public Disk alone(String name, Access access) throws IOException {
    DiskOptions options =
        DiskOptions.standard()
            .access(access)
            .withoutParents()
            .format(Optional.of(variants.get(name).format().name()))
            .secrets(secrets())
            .reach(folder);
    return new Disks(formats()).open(folder.open(name, access), options);
  }

  /// The keys that the variants have, each tried in turn.
  private Secrets secrets() {
    return new Secrets() {
      @Override
      public Optional<Secret> of(Storage image) throws IOException {
        for (Variant variant : variants.values()) {
          Optional<Secret> found = variant.secrets().of(image);
          if (found.isPresent()) {
            return found;
          }
        }
        return Optional.empty();
      }

      @Override
      public Optional<Secret> named(String name) {
        return Optional.empty();
      }
    };
  }

  /// Opens the images of a chain, some of them for writing.
  public Chain chain(String name, IntPredicate written) throws IOException {
    DiskOptions options =
        DiskOptions.standard()
            .format(Optional.of(variants.get(name).format().name()))
            .parentFormat(Optional.of(base(name).format().name()))
            .secrets(secrets())
            .reach(folder);
    Access access = written.test(0) ? Access.WRITE : Access.READ;
    return new Disks(formats()).chain(folder.open(name, access), options, written);
  }

  /// The variant at the end of a chain. An image that cannot say its parent's format has parents of
  /// its own, see [Variant.Parents#SAME_FORMAT], so that this is what it would say.
  private Variant base(String name) {
    String image = name;
    while (parents.containsKey(image)) {
      image = parents.get(image);
    }
    return variants.get(image);
  }

  /// The formats of all images.
  public Formats formats() {
    Map<String, ImageFormat> formats = new LinkedHashMap<>();
    variants.values().forEach(v -> formats.putIfAbsent(v.format().name(), v.format()));
    return new Formats(formats.values());
  }

  /// What is wrong with an image; nothing for a format that has no checks.
  public List<Finding> check(String name) throws IOException {
    Storage storage = folder.open(name, Access.READ);
    DiskOptions options =
        DiskOptions.standard()
            .withoutParents()
            .format(Optional.of(variants.get(name).format().name()))
            .purpose(Purpose.CHECK)
            .secrets(secrets())
            .reach(folder);
    try (Disk disk = new Disks(formats()).open(storage, options)) {
      return ClaimSweep.check(disk.top());
    }
  }

  /// All bytes of a disk.
  public static byte[] content(BlockDevice disk) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(disk.size())];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// What of a disk is data, from its extents.
  public static Allocation allocation(BlockDevice disk) throws IOException {
    var runs = new Allocation.Builder();
    for (long at = 0; at < disk.size(); ) {
      Extent extent = disk.extent(at, disk.size() - at);
      if (!extent.kind().isZero()) {
        runs.data(at, extent.length());
      }
      at = extent.end();
    }
    return runs.build(disk.size());
  }

  /// Mends an image that a crash or a failure left behind, if its format does so when it is asked.
  public void recover(String name) throws IOException {
    repair(name, image -> image.info().dirty());
  }

  /// Mends an image of which a check says that it is damaged.
  public void repair(String name) throws IOException {
    repair(name, _ -> true);
  }

  @FunctionalInterface
  private interface Need {
    boolean of(Image image) throws IOException;
  }

  private void repair(String name, Need need) throws IOException {
    DiskOptions options =
        DiskOptions.standard()
            .writable()
            .withoutParents()
            .format(Optional.of(variants.get(name).format().name()))
            .purpose(Purpose.CHECK)
            .secrets(secrets())
            .reach(folder);
    try (Disk disk = new Disks(formats()).open(folder.open(name, Access.WRITE), options)) {
      if (need.of(disk.top()) && disk.top() instanceof Repairable repairable) {
        repairable.repair(Repairable.Scope.ALL);
      }
    }
  }
}
