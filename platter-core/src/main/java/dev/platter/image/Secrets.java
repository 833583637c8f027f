package dev.platter.image;

import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Optional;

/// The secrets that the caller has for encrypted images. A format asks when it meets an image that
/// it cannot read without, or makes one; whoever asks closes what it gets, as soon as the cipher's
/// key is made.
public interface Secrets {

  /// The secret that an existing image is locked with, none if the caller gave none for it.
  ///
  /// @param image the storage that the format was given to open
  Optional<Secret> of(Storage image) throws IOException;

  /// The secret of a name, as an option of a new image says it; none if there is none.
  ///
  /// @param name such as `sec0` in `encrypt.key-secret=sec0`
  Optional<Secret> named(String name) throws IOException;

  /// No secrets at all.
  static Secrets none() {
    return new Secrets() {
      @Override
      public Optional<Secret> of(Storage image) {
        return Optional.empty();
      }

      @Override
      public Optional<Secret> named(String name) {
        return Optional.empty();
      }
    };
  }

  /// The secret for an image, which must have one.
  ///
  /// @param how what encrypts the image, such as `AES`
  /// @throws ImageException.Locked if the caller gave none
  default Secret require(Storage image, String how) throws IOException {
    return of(image)
        .orElseThrow(() ->
            new ImageException.Locked(
                image.name(), "is encrypted (" + how + ") and no key was given"));
  }
}
