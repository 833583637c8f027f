package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The files of an open image.
///
/// @param main the file that was opened
/// @param data the data file, if there is one and it could be opened
/// @param key what encrypts guest data, if it is encrypted
/// @param obstacle why guest data cannot be read, where only the image's description was wanted
record QcowFiles(
    Storage main, Optional<Storage> data, Optional<QcowKey> key, Optional<ImageException> obstacle)
    implements AutoCloseable {

  /// Where guest bytes are read and written: decrypted, where they are encrypted.
  Storage guest() {
    return key.map(QcowKey::guest).orElse(data.orElse(main));
  }

  /// Refuses to touch guest data that is out of reach.
  void requireData() throws ImageException {
    if (obstacle.isPresent()) {
      throw obstacle.get();
    }
  }

  List<Storage> all() {
    return data.map(d -> List.of(main, d)).orElse(List.of(main));
  }

  @Override
  public void close() throws IOException {
    try (main) {
      key.ifPresent(QcowKey::close);
      if (data.isPresent()) {
        data.get().close();
      }
    }
  }
}
