package dev.platter.format.vmdk;

import dev.platter.format.vmdk.VmdkOpening.Part;
import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Commented;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasGeometry;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentChecking;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// An open image: extents one behind the other.
final class VmdkImage
    implements Zeroing,
        Discarding,
        Identified,
        ParentChecking,
        Commented,
        HasGeometry,
        Describable,
        Claiming,
        Repairable,
        Dumpable {
  private final Files files;
  private final List<Part> parts;
  private final long[] ends;
  private final OpenContext context;
  private final Storage main;
  private volatile VmdkDescriptor descriptor;
  private boolean prepared;
  private boolean modificationStays;

  /// What an image is made of.
  ///
  /// @param place where the descriptor is
  /// @param storages all files, the one with the descriptor first
  /// @param parts the extents in the order of the disk
  record Files(DescriptorPlace place, List<Storage> storages, List<Part> parts) {}

  VmdkImage(Files files, VmdkDescriptor descriptor, OpenContext context) {
    this.files = files;
    this.parts = List.copyOf(files.parts());
    this.ends = parts.stream().mapToLong(Part::end).toArray();
    this.descriptor = descriptor;
    this.context = context;
    this.main = files.storages().getFirst();
  }

  VmdkDescriptor descriptor() {
    return descriptor;
  }

  DescriptorPlace place() {
    return files.place();
  }

  List<Part> parts() {
    return parts;
  }

  /// Whether the descriptor is inside the only extent.
  boolean embedded() {
    return files.place().room() > 0;
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
  }

  @Override
  public int allocationUnit() {
    int unit = 1;
    for (Part part : parts) {
      unit = Math.max(unit, part.extent().allocationUnit());
    }
    return unit;
  }

  /// The extent that has an offset: the first one that ends behind it.
  private Part part(long offset) {
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return parts.get(low);
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    Part part = part(offset);
    long run = Math.min(length, part.end() - offset);
    if (part.line().access() == ExtentLine.Access.NOACCESS
        && !(part.extent() instanceof ZeroExtent)) {
      throw new ImageException.Unsupported(
          main.name(),
          "the extent in line " + part.line().line() + " is marked as one that nobody may read");
    }
    Mapping mapping = part.extent().map(offset - part.start(), run);
    boolean fixed = part.line().access() != ExtentLine.Access.RW;
    return fixed && mapping instanceof Mapping.Stored(Storage storage, long at, long count)
        ? new Mapping.Shared(storage, at, count)
        : mapping;
  }

  private void requireWritable(Part part) throws IOException {
    if (!context.access().writes()) {
      throw new ReadOnlyException(main.name(), "is opened read-only");
    }
    if (part.line().access() != ExtentLine.Access.RW) {
      throw new ReadOnlyException(
          main.name(), "the extent in line " + part.line().line() + " is " + part.line().access());
    }
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    Part part = part(offset);
    requireWritable(part);
    long run = Math.min(length, part.end() - offset);
    return new OnDisk(part.extent().reserve(offset - part.start(), run), part.start());
  }

  /// An extent's room with offsets of the disk.
  private record OnDisk(Reservation room, long start) implements Reservation {
    @Override
    public long offset() {
      return start + room.offset();
    }

    @Override
    public long length() {
      return room.length();
    }

    @Override
    public Storage storage() {
      return room.storage();
    }

    @Override
    public long position() {
      return room.position();
    }

    @Override
    public boolean zeroed() {
      return room.zeroed();
    }

    @Override
    public void publish() throws IOException {
      room.publish();
    }

    @Override
    public void cancel() throws IOException {
      room.cancel();
    }
  }

  @FunctionalInterface
  private interface Change {
    void apply(VmdkExtent extent, long offset, long length) throws IOException;
  }

  private void change(long offset, long length, Change change) throws IOException {
    long end = Math.min(offset + length, size());
    for (long at = offset; at < end; ) {
      Part part = part(at);
      requireWritable(part);
      long run = Math.min(end, part.end()) - at;
      change.apply(part.extent(), at - part.start(), run);
      at += run;
    }
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    change(
        offset,
        length,
        (extent, at, run) -> {
          if (!(extent instanceof ZeroExtent)) {
            extent.zero(at, run, room);
          }
        });
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    change(
        offset,
        length,
        (extent, at, run) -> {
          // what a flat extent gives back would be zeros in front of the parent
          boolean hides = extent instanceof FlatExtent && parent().isPresent();
          if (!(extent instanceof ZeroExtent) && !hides) {
            extent.discard(at, run);
          }
        });
  }

  @Override
  public void keepModification() {
    modificationStays = true;
  }

  @Override
  public void prepareToWrite() throws IOException {
    if (!context.access().writes()) {
      throw new ReadOnlyException(main.name(), "is opened read-only");
    }
    boolean child = parent().isPresent();
    for (Part part : parts) {
      if (child) {
        requireAligned(part);
      }
      if (changes(part)) {
        part.extent().prepareToWrite();
      }
    }
    if (modificationStays) {
      prepared = true;
      return;
    }
    String cid = VmdkParent.hex(freshCid());
    VmdkDescriptor changed = descriptor.with(VmdkDescriptor.CID, cid);
    if (descriptor.uuid(VmdkDescriptor.MODIFICATION).isPresent()) {
      changed = changed.with(VmdkDescriptor.MODIFICATION, UUID.randomUUID().toString());
    }
    files.place().write(changed, context.limits());
    descriptor = changed;
    prepared = true;
  }

  private boolean changes(Part part) {
    return part.line().access() == ExtentLine.Access.RW && !(part.extent() instanceof ZeroExtent);
  }

  /// Units of the engine are counted from the disk's start, an extent's from its own.
  private void requireAligned(Part part) throws IOException {
    if (part.start() % part.extent().allocationUnit() != 0) {
      throw new ImageException.Unsupported(
          main.name(),
          "is a child, and its extent in line "
              + part.line().line()
              + " does not start with a grain of the disk: it can only be read");
    }
  }

  private long freshCid() {
    long present = descriptor.hex(VmdkDescriptor.CID).orElse(0);
    while (true) {
      long cid = ThreadLocalRandom.current().nextLong(1, VmdkDescriptor.NO_PARENT - 1);
      if (cid != present) {
        return cid;
      }
    }
  }

  @Override
  public void flush() throws IOException {
    for (Part part : parts) {
      if (changes(part)) {
        part.extent().flush();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (prepared) {
        flush();
        for (Part part : parts) {
          part.extent().finish();
        }
      }
    } finally {
      abandon();
    }
  }

  @Override
  public void abandon() throws IOException {
    parts.forEach(part -> part.extent().release());
    Zeroing.super.abandon();
  }

  @Override
  public Optional<ParentLink> parent() {
    return VmdkParent.of(descriptor).map(VmdkParent::link);
  }

  @Override
  public Optional<String> fault(Image parent) {
    Optional<VmdkParent> link = VmdkParent.of(descriptor);
    return link.isPresent() && parent instanceof VmdkImage image
        ? link.get().fault(image.descriptor)
        : Optional.empty();
  }

  @Override
  public UUID identity() {
    return descriptor.uuid(VmdkDescriptor.IDENTITY).orElse(new UUID(0, 0));
  }

  @Override
  public Optional<UUID> modification() {
    return descriptor.uuid(VmdkDescriptor.MODIFICATION);
  }

  @Override
  public String comment() {
    return VmdkDescriber.plain(descriptor.value(VmdkDescriptor.COMMENT).orElse(""));
  }

  @Override
  public Optional<Geometry> physical() {
    return VmdkDescription.geometry(descriptor, "ddb.geometry.");
  }

  @Override
  public Optional<Geometry> logical() {
    return VmdkDescription.geometry(descriptor, "ddb.geometry.bios");
  }

  @Override
  public Set<Property> places() {
    Set<Property> places = EnumSet.copyOf(VmdkDescriber.PLACES);
    if (parts.stream().anyMatch(part -> part.extent() instanceof FlatExtent)) {
      // it stores all of its disk: no parent would ever show through
      places.remove(Property.PARENT);
      places.remove(Property.PARENT_IDENTITY);
      places.remove(Property.PARENT_MODIFICATION);
    }
    return places;
  }

  @Override
  public void describe(Description change) throws IOException {
    if (!context.access().writes()) {
      throw new ReadOnlyException(main.name(), "is opened read-only");
    }
    change.checkPlaces(places(), main.name() + ": a VMDK image with extents like these");
    VmdkDescriptor changed = VmdkDescriber.change(descriptor, change);
    files.place().replace(changed, context.limits());
    descriptor = changed;
  }

  @Override
  public ImageInfo info() throws IOException {
    return VmdkDescription.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new VmdkDump(this).dump(sink);
  }

  @Override
  public int claimUnit() {
    return SparseHeader.SECTOR;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    if (embedded() && parts.getFirst().extent() instanceof SparseExtent extent) {
      new VmdkClaims(extent).claims(sink);
    } else if (main.size() > 0) {
      String owner = embedded() ? "stream without its tables" : "descriptor";
      sink.accept(new Claim(owner, 0, main.size()));
    }
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    for (Part part : parts) {
      VmdkExtent opened = part.extent().opened();
      if (opened instanceof SparseExtent extent) {
        new VmdkCheck(extent).findings(embedded(), sink);
      } else if (opened instanceof ScannedExtent extent) {
        sink.accept(VmdkCheck.lostTables(extent));
      }
    }
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    if (!context.access().writes()) {
      throw new ReadOnlyException(main.name(), "is opened read-only");
    }
    return VmdkRepair.repair(parts, scope);
  }

  @Override
  public List<Storage> storages() {
    return files.storages();
  }

  @Override
  public boolean sparse() {
    return parts.stream().anyMatch(part -> part.extent().sparse());
  }

  @Override
  public String toString() {
    return main.name();
  }
}
