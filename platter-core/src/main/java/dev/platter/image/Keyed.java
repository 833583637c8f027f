package dev.platter.image;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// An image that, if it is encrypted, keeps the key of its disk in slots, each locked with a secret
/// of its own. Slots are listed without a secret; to change them the image must have been opened
/// for writing guest data, with a secret that opens one of them.
public interface Keyed extends Image {

  /// The slots, used and free, in their order; empty if the image is not encrypted.
  List<KeySlot> keySlots() throws IOException;

  /// The slot that was opened by the secret the image was opened with, none if it was opened
  /// without.
  OptionalInt openedSlot();

  /// Locks the key with one more secret, durable when this returns. A crash leaves the slots as
  /// they were, or with the new one.
  ///
  /// @return the slot that the secret opens from now on
  /// @throws ImageException.Unsupported if no slot is free
  int addKey(Secret added, Effort effort) throws IOException;

  /// Wipes a slot, durable when this returns.
  ///
  /// @throws ImageException.Unsupported if the slot is free, or the last one that is used
  void removeKey(int slot) throws IOException;

  /// A slot.
  ///
  /// @param number as users name it, from 0
  /// @param used whether a secret opens it
  /// @param derivation how a secret becomes its key, such as `pbkdf2 sha256, 1000 iterations`;
  ///   empty if it is free
  record KeySlot(int number, boolean used, String derivation) {}

  /// How hard a secret is to guess.
  ///
  /// @param millis how long one guess takes on this machine
  record Effort(int millis) {
    /// Two seconds, as other programs have it.
    public static Effort usual() {
      return new Effort(2000);
    }
  }
}
