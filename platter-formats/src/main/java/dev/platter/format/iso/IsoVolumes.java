package dev.platter.format.iso;

import dev.platter.image.ImageFormat.Probe;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The descriptors that say which volumes are on a disc.
///
/// @param found descriptors of the volume recognition sequence, in their order
/// @param udf the descriptors of UDF, where there is an anchor
record IsoVolumes(List<Found> found, Optional<UdfVolume> udf) {
  /// Bytes of a block of an optical disc.
  static final int BLOCK = 2048;

  /// The first block behind the system area (ECMA-119, section 6.2.1).
  private static final long FIRST = 16;

  /// Descriptors that are looked at; honest discs have fewer than ten.
  private static final int MOST = 64;

  /// A descriptor and where it is.
  record Found(IsoDescriptor descriptor, long position) {
    /// Whether it is of ISO 9660 and of a type.
    boolean is(int type) {
      return descriptor.isIso() && descriptor.type() == type;
    }
  }

  static IsoVolumes read(Storage storage) throws IOException {
    return new IsoVolumes(
        recognition(storage),
        UdfAnchor.isThere(storage) ? Optional.of(UdfVolume.read(storage)) : Optional.empty());
  }

  private static List<Found> recognition(Storage storage) throws IOException {
    List<Found> found = new ArrayList<>();
    for (long block = FIRST; block < FIRST + MOST; block++) {
      IsoDescriptor descriptor = IsoDescriptor.read(storage, block * BLOCK);
      if (!descriptor.isIso() && !descriptor.isExtended()) {
        break;
      }
      found.add(new Found(descriptor, block * BLOCK));
    }
    return List.copyOf(found);
  }

  static Probe claims(Storage storage) throws IOException {
    if (storage.size() < FIRST * BLOCK + IsoDescriptor.STRUCT.size()) {
      return new Probe.NotMine();
    }
    IsoDescriptor first = IsoDescriptor.read(storage, FIRST * BLOCK);
    if (first.isExtended()) {
      // a hard disk can have UDF too, with blocks of another size and so the anchor elsewhere
      return UdfAnchor.isThere(storage) ? new Probe.Mine() : new Probe.NotMine();
    }
    if (!first.isIso()) {
      return new Probe.NotMine();
    }
    if (storage.size() < (FIRST + 1) * BLOCK) {
      return new Probe.Broken("it ends inside its first volume descriptor");
    }
    for (Found one : recognition(storage)) {
      if (one.is(IsoDescriptor.PRIMARY)) {
        return new Probe.Mine();
      }
    }
    return UdfAnchor.isThere(storage)
        ? new Probe.Mine()
        : new Probe.Broken("it has no primary volume descriptor");
  }

  /// The first volume descriptor of a type.
  Optional<IsoVolume> volume(Storage storage, int type) throws IOException {
    for (Found one : found) {
      if (one.is(type)) {
        return Optional.of(IsoVolume.STRUCT.read(storage, one.position()));
      }
    }
    return Optional.empty();
  }

  /// The boot record of El Torito.
  Optional<IsoBoot> boot(Storage storage) throws IOException {
    for (Found one : found) {
      if (one.is(IsoDescriptor.BOOT)) {
        IsoBoot boot = IsoBoot.STRUCT.read(storage, one.position());
        if (boot.isElTorito()) {
          return Optional.of(boot);
        }
      }
    }
    return Optional.empty();
  }
}
