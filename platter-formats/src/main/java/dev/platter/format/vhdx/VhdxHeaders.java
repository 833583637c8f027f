package dev.platter.format.vhdx;

import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Both headers of an open image.
final class VhdxHeaders {
  private final Storage storage;
  private Optional<VhdxHeader> first;
  private Optional<VhdxHeader> second;

  private VhdxHeaders(Storage storage) throws IOException {
    this.storage = storage;
    this.first = VhdxHeader.read(storage, VhdxHeader.FIRST);
    this.second = VhdxHeader.read(storage, VhdxHeader.SECOND);
  }

  /// The headers of an image, of which at least one is in order.
  static VhdxHeaders read(Storage storage, Limits limits) throws IOException {
    var headers = new VhdxHeaders(storage);
    if (headers.first.isEmpty() && headers.second.isEmpty()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "neither VHDX header, at 65536 and 131072, has its signature and checksum");
    }
    headers.check(limits);
    return headers;
  }

  private void check(Limits limits) throws IOException {
    VhdxHeader header = current();
    if (header.version() != VhdxHeader.VERSION) {
      throw new ImageException.Unsupported(
          storage.name(), at("version") + " is " + header.version() + " instead of 1");
    }
    if (header.logVersion() != 0 && !header.log().isZero()) {
      throw new ImageException.Unsupported(
          storage.name(), at("logVersion") + " is " + header.logVersion() + " instead of 0");
    }
    if (header.logLength() == 0 || header.logLength() % VhdxFile.MIB != 0) {
      throw corrupt("logLength", header.logLength(), "is no multiple of 1 MiB");
    }
    Limits.check(storage.name(), "bytes of log", header.logLength(), limits.tables());
    long offset = header.logOffset();
    if (offset < VhdxFile.MIB || offset % VhdxFile.MIB != 0) {
      throw corrupt("logOffset", offset, "is no multiple of 1 MiB behind the headers");
    }
    if (offset > storage.size() - header.logLength()) {
      throw corrupt("logOffset", offset, "puts the log behind the file's end " + storage.size());
    }
  }

  private ImageException corrupt(String field, long value, String what) {
    return new ImageException.Corrupt(
        storage.name(), at(field) + " is " + Long.toUnsignedString(value) + ", which " + what);
  }

  private String at(String field) {
    return "VHDX header field " + field + " at " + (position() + VhdxHeader.STRUCT.offset(field));
  }

  private boolean isFirst() {
    return first.isPresent()
        && (second.isEmpty()
            || Long.compareUnsigned(first.get().sequence(), second.get().sequence()) >= 0);
  }

  /// Where the header is that counts.
  long position() {
    return isFirst() ? VhdxHeader.FIRST : VhdxHeader.SECOND;
  }

  /// The header that counts.
  VhdxHeader current() {
    return (isFirst() ? first : second).orElseThrow();
  }

  /// Says which header is broken.
  void findings(Consumer<Finding> sink) {
    if (first.isEmpty()) {
      sink.accept(broken(VhdxHeader.FIRST));
    }
    if (second.isEmpty()) {
      sink.accept(broken(VhdxHeader.SECOND));
    }
  }

  /// Whether both can be read.
  boolean isWhole() {
    return first.isPresent() && second.isPresent();
  }

  private static Finding broken(long position) {
    return Finding.corruption(
        "the header at " + position + " has not its signature and checksum",
        "a crash while the other one is written would lose the image");
  }

  /// Writes both headers anew, first the one that does not count, so that one is always whole.
  void update(UnaryOperator<VhdxHeader> change) throws IOException {
    VhdxHeader changed = change.apply(current());
    if (changed.sequence() >= -2 && changed.sequence() < 0) {
      throw new ImageException.Unsupported(
          storage.name(), "has no sequence number left for another header");
    }
    write(changed.sequence(changed.sequence() + 1));
    write(changed.sequence(changed.sequence() + 2));
  }

  private void write(VhdxHeader header) throws IOException {
    boolean toFirst = !isFirst();
    byte[] bytes = header.encode();
    storage.write(toFirst ? VhdxHeader.FIRST : VhdxHeader.SECOND, MemorySegment.ofArray(bytes));
    storage.flush();
    Optional<VhdxHeader> written = Optional.of(VhdxHeader.STRUCT.decode(bytes, 0));
    if (toFirst) {
      first = written;
    } else {
      second = written;
    }
  }

  /// The file is about to be written.
  void markFileWrite() throws IOException {
    update(header -> header.writes(random(), header.dataWrite()));
  }

  /// What the guest sees is about to change.
  void markDataWrite() throws IOException {
    update(header -> header.writes(random(), random()));
  }

  /// The log has entries of this GUID, or none that count.
  void markLog(Bytes guid) throws IOException {
    update(header -> header.log(guid));
  }

  /// A GUID that nothing has.
  static Bytes random() {
    return Bytes.mixedEndian(UUID.randomUUID());
  }
}
