package dev.platter.format.qcow2;

import dev.platter.format.crypto.KeyContainer;
import dev.platter.format.crypto.Luks1;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.Secret;
import dev.platter.io.Slice;
import dev.platter.io.Storage;
import dev.platter.io.Transform;
import dev.platter.io.TransformedStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/// The LUKS header of an encrypted image, which lies in clusters that an extension names, and its
/// key, where a secret opened it. A sector's number is its place in the file that guest data is in
/// ("QCOW2 image format", full disk encryption header pointer).
///
/// @param header the header and its slots
/// @param open what a secret opened
/// @param guest the file that guest data is in, decrypted; without a key it can be mapped but not
///   read
record QcowKey(KeyContainer header, Optional<Open> open, Storage guest) implements AutoCloseable {
  private static final int POINTER = 16;

  /// Stands for the cipher where there is no key.
  ///
  /// @param file the image's name
  private record NoKey(String file) implements Transform {
    @Override
    public int unit() {
      return 512;
    }

    @Override
    public void encode(long position, MemorySegment source, MemorySegment target)
        throws IOException {
      throw missing();
    }

    @Override
    public void decode(long position, MemorySegment source, MemorySegment target)
        throws IOException {
      throw missing();
    }

    private ImageException missing() {
      return new ImageException.Locked(file, "is encrypted and was opened without its key");
    }
  }

  /// What there is when a secret was given.
  ///
  /// @param key the key, and the slot that it was in
  /// @param cipher of guest data
  record Open(KeyContainer.Unlocked key, SectorCipher cipher) {}

  /// Finds the header and, if guest data is wanted, the key.
  ///
  /// @param data the file that guest data is in
  static QcowKey of(Storage main, Storage data, QcowHead head, OpenContext context)
      throws IOException {
    KeyContainer header = Luks1.alone(place(main, head, context.limits()));
    if (context.purpose() != OpenContext.Purpose.DATA) {
      var locked = new TransformedStorage(data, 0, new NoKey(main.name()));
      return new QcowKey(header, Optional.empty(), locked);
    }
    try (Secret secret = context.secrets().require(main, "LUKS")) {
      KeyContainer.Unlocked key = header.unlock(secret);
      SectorCipher cipher = header.cipher(key.key());
      var guest = new TransformedStorage(data, 0, cipher);
      return new QcowKey(header, Optional.of(new Open(key, cipher)), guest);
    }
  }

  private static Slice place(Storage main, QcowHead head, Limits limits) throws IOException {
    QcowExtension extension =
        head.extension(QcowExtension.ENCRYPTION)
            .filter(e -> e.data().length() >= POINTER)
            .orElseThrow(() ->
                new ImageException.Corrupt(
                    main.name(), "is encrypted and has no extension that points to its header"));
    var pointer = ByteBuffer.wrap(extension.data().toArray());
    long position = pointer.getLong();
    long length = pointer.getLong();
    Limits.check(main.name(), "bytes of the encryption header", length, limits.tables());
    if (position <= 0
        || position % head.header().clusterSize() != 0
        || position > main.size() - length) {
      throw new ImageException.Corrupt(
          main.name(),
          "its encryption header of "
              + length
              + " bytes at "
              + QcowTables.hex(position)
              + " is not in whole clusters of the file");
    }
    return new Slice(main, position, length);
  }

  /// What was opened.
  ///
  /// @throws ImageException.Locked if nothing was
  Open opened(String file) throws ImageException {
    return open.orElseThrow(() -> new NoKey(file).missing());
  }

  @Override
  public void close() {
    open.ifPresent(o -> {
      o.key.close();
      o.cipher.close();
    });
  }
}
