package dev.platter.format.qcow2;

import dev.platter.format.codec.SectorAes;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Optional;

/// Judges the features of an image that is being opened, and opens its data file.
final class QcowOpening {
  /// Option for opening: a snapshot by its identifier.
  static final String SNAPSHOT_ID = "snapshot.id";

  /// Option for opening: a snapshot by its name.
  static final String SNAPSHOT_NAME = "snapshot.name";

  private final Storage storage;
  private final QcowHead head;
  private final OpenContext context;

  private QcowOpening(Storage storage, QcowHead head, OpenContext context) {
    this.storage = storage;
    this.head = head;
    this.context = context;
  }

  /// The head of an image; with a snapshot's disk in the place of the active one, if one was asked
  /// for.
  static QcowHead view(Storage storage, OpenContext context) throws IOException {
    QcowHead head = QcowHead.read(storage, context.limits());
    Optional<String> id = context.settings().given(SNAPSHOT_ID);
    Optional<String> name = context.settings().given(SNAPSHOT_NAME);
    if (id.isEmpty() && name.isEmpty()) {
      return head;
    }
    if (context.access().writes()) {
      throw new ReadOnlyException(storage.name(), "a snapshot of it is only read");
    }
    for (QcowSnapshot snapshot : QcowSnapshot.read(storage, head.header(), context.limits())) {
      if (id.orElse(snapshot.id()).equals(snapshot.id())
          && name.orElse(snapshot.name()).equals(snapshot.name())) {
        QcowHeader then = snapshot.disk(storage.name(), head.header());
        return new QcowHead(then, head.additional(), head.extensions(), head.backing());
      }
    }
    throw new ImageException.Unsupported(
        storage.name(),
        "has no snapshot"
            + id.map(i -> " with the ID '" + i + "'").orElse("")
            + name.map(n -> " with the name '" + n + "'").orElse(""));
  }

  /// The files of the image. What stands in the way of guest data is an error only if guest data is
  /// wanted.
  static QcowFiles files(Storage storage, QcowHead head, OpenContext context) throws IOException {
    return new QcowOpening(storage, head, context).files();
  }

  private QcowFiles files() throws IOException {
    try {
      refuseUnknown();
      Optional<Storage> data =
          head.header().has(QcowFeatures.DATA_FILE)
              ? Optional.of(dataFile())
              : Optional.<Storage>empty();
      return encrypted(data);
    } catch (ImageException e) {
      if (context.purpose() == Purpose.DATA) {
        throw e;
      }
      return new QcowFiles(storage, Optional.empty(), Optional.empty(), Optional.of(e));
    } catch (IOException e) {
      if (context.purpose() != Purpose.INFO) {
        throw e;
      }
      var missing =
          new ImageException.Unsupported(storage.name(), "no data file: " + e.getMessage());
      return new QcowFiles(storage, Optional.empty(), Optional.empty(), Optional.of(missing));
    }
  }

  private void refuseUnknown() throws ImageException {
    QcowHeader header = head.header();
    long unknown = header.incompatible() & ~QcowFeatures.KNOWN_INCOMPATIBLE;
    if (unknown != 0) {
      throw unsupported(
          "needs features that are not known: "
              + QcowFeatures.names(head.featureNames(), 0, unknown));
    }
    boolean flagged = header.has(QcowFeatures.COMPRESSION);
    if (flagged != (head.compressionType() != 0)) {
      throw new ImageException.Corrupt(
          storage.name(),
          "compression_type at 104 is "
              + head.compressionType()
              + ", but its feature bit is "
              + (flagged ? "set" : "not set"));
    }
    QcowCodec.of(storage.name(), head.compressionType());
    if (header.cryptMethod() > 2) {
      throw unsupported("encryption method " + header.cryptMethod() + " at 32, known are 0 to 2");
    }
  }

  private QcowFiles encrypted(Optional<Storage> data) throws IOException {
    if (head.header().cryptMethod() != QcowHeader.LUKS) {
      boolean hidden =
          head.header().cryptMethod() == QcowHeader.AES && context.purpose() == Purpose.INFO;
      Optional<ImageException> obstacle =
          hidden
              ? Optional.of(unsupported("guest data is encrypted (method 1 at 32)"))
              : Optional.empty();
      return new QcowFiles(storage, data, Optional.empty(), obstacle);
    }
    boolean opened = false;
    try {
      QcowKey key = QcowKey.of(storage, data.orElse(storage), head, context);
      opened = true;
      return new QcowFiles(storage, data, Optional.of(key), Optional.empty());
    } finally {
      if (!opened && data.isPresent()) {
        data.get().close();
      }
    }
  }

  /// What decrypts guest data of the old kind, whose key is the passphrase.
  static Optional<SectorAes> aes(Storage storage, QcowHead head, OpenContext context)
      throws IOException {
    if (head.header().cryptMethod() != QcowHeader.AES || context.purpose() != Purpose.DATA) {
      return Optional.empty();
    }
    try (Secret secret = context.secrets().require(storage, "AES")) {
      return Optional.of(new SectorAes(secret));
    }
  }

  private Storage dataFile() throws IOException {
    String name =
        head.text(QcowExtension.DATA_FILE)
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> unsupported("keeps guest data in a file that it does not name"));
    refuseAddress(name);
    Storage data = context.references().open(name, context.access());
    if (data.identity().equals(storage.identity())) {
      data.close();
      throw new ImageException.Corrupt(storage.name(), "names itself as its data file");
    }
    return data;
  }

  /// A name is a file's name and nothing else: neither a protocol nor a description of other
  /// images.
  private void refuseAddress(String name) throws ImageException {
    int colon = name.indexOf(':');
    for (int i = 0; i < colon; i++) {
      char c = name.charAt(i);
      boolean scheme = c < 128 && (Character.isLetterOrDigit(c) || "+-.".indexOf(c) >= 0);
      if (!scheme) {
        return;
      }
    }
    if (colon > 0) {
      throw new ImageException.OutOfReach(
          storage.name(), "names the data file '" + name + "', which is not a plain file name");
    }
  }

  private ImageException.Unsupported unsupported(String what) {
    return new ImageException.Unsupported(storage.name(), what);
  }
}
