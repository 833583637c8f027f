package dev.platter.format.crypto;

import dev.platter.image.Keyed;
import dev.platter.image.Secret;
import java.io.IOException;
import java.util.List;
import java.util.SequencedMap;

/// A header that keeps the key of a disk in slots, each locked with a secret of its own.
public interface KeyContainer {

  /// Tries a secret on every slot.
  ///
  /// @throws dev.platter.image.ImageException.Locked if it opens none
  Unlocked unlock(Secret secret) throws IOException;

  /// The cipher of guest data; position 0 is the first byte of the payload.
  ///
  /// @param key what [#unlock] answered
  SectorCipher cipher(Secret key) throws IOException;

  /// Where guest data starts behind the header.
  long payload();

  /// The slots, used and free.
  List<Keyed.KeySlot> slots();

  /// Locks the key with one more secret, durable when this returns: before, the header is as it
  /// was.
  ///
  /// @param key what [#unlock] answered
  /// @return the slot
  int add(Secret key, Secret added, Keyed.Effort effort) throws IOException;

  /// Wipes a slot, durable when this returns.
  void remove(int slot) throws IOException;

  /// What there is to say, nothing of it secret, with the names of `qemu-img info`.
  SequencedMap<String, Object> describe();

  /// A key that was found.
  ///
  /// @param key the key of the disk
  /// @param slot the slot that the secret opened
  record Unlocked(Secret key, int slot) implements AutoCloseable {
    @Override
    public void close() {
      key.close();
    }
  }
}
