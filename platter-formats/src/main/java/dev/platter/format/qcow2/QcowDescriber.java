package dev.platter.format.qcow2;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.Limits;
import dev.platter.image.Property;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Gives an image another parent or none.
///
/// The first sector of the file decides: it has the header and all extensions that matter. What is
/// behind it is written where the present first sector does not look, and is durable before the
/// sector is. The names of features, which are a help and no more, may reach beyond it: they are
/// left out while the rest of them changes.
final class QcowDescriber {
  private static final int SECTOR = 512;

  /// What QEMU has room for.
  private static final int LONGEST_NAME = 1023;

  private final Storage storage;
  private final QcowHead old;
  private final int cluster;

  QcowDescriber(Storage storage, Limits limits) throws IOException {
    this.storage = storage;
    this.old = QcowHead.read(storage, limits);
    this.cluster = old.header().clusterSize();
  }

  /// What an image has a place for: a data file that is a raw image of the disk needs no parent.
  static Set<Property> places(QcowHead head) {
    boolean raw = (head.header().autoclear() & QcowFeatures.RAW_DATA_FILE) != 0;
    return raw && head.header().has(QcowFeatures.DATA_FILE)
        ? EnumSet.noneOf(Property.class)
        : EnumSet.of(Property.PARENT);
  }

  /// Makes the change, durable when this returns.
  void apply(Description change) throws IOException {
    change.checkPlaces(places(old), "this QCOW2 image");
    if (change.parent().isEmpty()) {
      return;
    }
    Optional<Backing> backing = change.newParent();
    byte[] name = backing.map(Backing::name).orElse("").getBytes(StandardCharsets.UTF_8);
    if (name.length > LONGEST_NAME || (backing.isPresent() && name.length == 0)) {
      throw new IllegalArgumentException(
          "the parent's name has " + name.length + " bytes, a QCOW2 image has room for 1 to 1023");
    }
    List<QcowExtension> wanted = essential();
    wanted.removeIf(extension -> extension.type() == QcowExtension.BACKING_FORMAT);
    backing
        .flatMap(Backing::format)
        .ifPresent(f -> wanted.addFirst(QcowExtension.text(QcowExtension.BACKING_FORMAT, f)));
    if (end(wanted) > Math.min(SECTOR, cluster) || end(essential()) > SECTOR) {
      throw noRoom();
    }
    old.extension(QcowExtension.FEATURE_NAMES).ifPresent(wanted::add);
    if (end(wanted) > firstNeeded(name.length)) {
      wanted.removeLast();
    }
    write(wanted, name);
  }

  /// Extensions may reach up to here: the present name is needed until the end.
  private long firstNeeded(int newName) {
    long most = (long) cluster - newName;
    return old.header().backingOffset() == 0 ? most : Math.min(most, old.header().backingOffset());
  }

  /// All extensions but the names of features.
  private List<QcowExtension> essential() {
    List<QcowExtension> extensions = new ArrayList<>(old.extensions());
    extensions.removeIf(extension -> extension.type() == QcowExtension.FEATURE_NAMES);
    return extensions;
  }

  private int end(List<QcowExtension> extensions) {
    int end = (int) old.header().headerLength() + QcowExtension.HEAD;
    for (QcowExtension extension : extensions) {
      end += extension.size();
    }
    return end;
  }

  private void write(List<QcowExtension> wanted, byte[] name) throws IOException {
    int end = end(wanted);
    boolean inSector = end + name.length <= SECTOR;
    int position = inSector ? end : place(Math.max(end, SECTOR), name.length);
    byte[] head = Arrays.copyOf(encode(wanted), Math.max(end, SECTOR));
    if (inSector) {
      System.arraycopy(name, 0, head, position, name.length);
    }
    ByteBuffer.wrap(head).putLong(8, name.length == 0 ? 0 : position).putInt(16, name.length);
    if (end > SECTOR || end(old.extensions()) > SECTOR) {
      sector(shortened());
    }
    if (end > SECTOR) {
      storage.write(SECTOR, MemorySegment.ofArray(head).asSlice(SECTOR));
    }
    if (!inSector && name.length > 0) {
      storage.write(position, MemorySegment.ofArray(name));
    }
    storage.flush();
    sector(head);
  }

  /// The present first sector without the names of features, if these reach beyond it.
  private byte[] shortened() throws IOException {
    byte[] present = new byte[SECTOR];
    storage.read(0, MemorySegment.ofArray(present));
    if (end(old.extensions()) <= SECTOR) {
      return present;
    }
    byte[] changed = Arrays.copyOf(encode(essential()), SECTOR);
    // with the present place of the name
    System.arraycopy(present, 0, changed, 0, (int) old.header().headerLength());
    return changed;
  }

  private void sector(byte[] head) throws IOException {
    storage.write(0, MemorySegment.ofArray(head).asSlice(0, SECTOR));
    storage.flush();
  }

  private byte[] encode(List<QcowExtension> extensions) {
    return new QcowHead(old.header(), old.additional(), extensions, Optional.empty()).encode();
  }

  /// A place for the name from `start` on, beside the present name.
  private int place(int start, int length) {
    long oldStart = old.header().backingOffset();
    long oldEnd = oldStart + old.header().backingSize();
    boolean beside = oldStart == 0 || start + length <= oldStart || start >= oldEnd;
    long position = beside ? start : oldEnd;
    if (position + length > cluster) {
      throw noRoom();
    }
    return (int) position;
  }

  private IllegalArgumentException noRoom() {
    return new IllegalArgumentException(
        "the parent's name does not fit into the header of " + storage.name());
  }
}
