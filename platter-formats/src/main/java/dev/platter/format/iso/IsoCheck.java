package dev.platter.format.iso;

import dev.platter.image.Finding;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.function.Consumer;

/// Looks at what the descriptors of a disc say about each other and about the file.
final class IsoCheck {
  private final Storage storage;
  private final IsoVolumes volumes;

  IsoCheck(Storage storage, IsoVolumes volumes) {
    this.storage = storage;
    this.volumes = volumes;
  }

  void run(Consumer<Finding> sink) throws IOException {
    if (volumes.found().isEmpty()) {
      sink.accept(Finding.corruption("there is no volume descriptor at 32768", ""));
    }
    for (IsoVolumes.Found found : volumes.found()) {
      if (found.is(IsoDescriptor.PRIMARY) || found.is(IsoDescriptor.SUPPLEMENTARY)) {
        volume(found, sink);
      }
    }
    boolean iso = volumes.found().stream().anyMatch(one -> one.descriptor().isIso());
    if (iso && volumes.found().stream().noneMatch(one -> one.is(IsoDescriptor.TERMINATOR))) {
      sink.accept(Finding.corruption("the volume descriptors have no end", ""));
    }
    if (volumes.udf().isPresent()) {
      for (UdfVolume.Descriptor one : volumes.udf().get().descriptors()) {
        if (!one.intact()) {
          sink.accept(
              Finding.corruption(one.kind() + " in block " + one.block() + " has a wrong CRC", ""));
        }
      }
    }
    if (storage.size() % IsoVolumes.BLOCK != 0) {
      sink.accept(
          Finding.corruption(
              "the file has " + storage.size() + " bytes, which is not a multiple of 2048",
              "the disc's last block is cut off"));
    }
  }

  private void volume(IsoVolumes.Found found, Consumer<Finding> sink) throws IOException {
    IsoVolume volume = IsoVolume.STRUCT.read(storage, found.position());
    String what = found.descriptor().kind() + " at " + found.position();
    if (IsoVolume.differ(volume.blocks(), volume.blocksAgain())
        || IsoVolume.differ(volume.blockSize(), volume.blockSizeAgain())
        || IsoVolume.differ(volume.pathTableSize(), volume.pathTableSizeAgain())
        || IsoVolume.differ(volume.setSize(), volume.setSizeAgain())
        || IsoVolume.differ(volume.sequence(), volume.sequenceAgain())) {
      sink.accept(
          Finding.corruption(what + " has another number in one byte order than in the other", ""));
    }
    long bytes = volume.blocks() * volume.blockSize();
    if (bytes > storage.size()) {
      sink.accept(
          Finding.corruption(
              what
                  + " says "
                  + volume.blocks()
                  + " blocks of "
                  + volume.blockSize()
                  + " bytes, the file ends at "
                  + storage.size(),
              (bytes - storage.size()) + " bytes of the volume are missing"));
    }
  }
}
