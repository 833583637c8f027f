package dev.platter.image;

import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/// What a format gets to open an image with, besides the storage.
///
/// @param access what the image is opened for; its files are opened for no more
/// @param limits what the parser may take
/// @param references opens the other files of the same image (data files, extents)
/// @param purpose what is going to be asked of the image
/// @param secrets the keys of encrypted images
/// @param settings values of [ImageFormat#openOptions]
public record OpenContext(
    Access access,
    Limits limits,
    References references,
    Purpose purpose,
    Secrets secrets,
    Options settings) {

  /// A context without secrets and options.
  public OpenContext(Access access, Limits limits, References references, Purpose purpose) {
    this(access, limits, references, purpose, Secrets.none(), Options.none());
  }

  /// The same for another access and purpose.
  public OpenContext with(Access wanted, Purpose asked) {
    return new OpenContext(wanted, limits, references, asked, secrets, settings);
  }

  /// Opens what an image names, through the caller's [Reach].
  @FunctionalInterface
  public interface References {
    /// Opens a file that the image names.
    ///
    /// @param location as written in the image
    /// @throws ImageException.OutOfReach if it may not be followed
    Storage open(String location, Access access) throws IOException;

    /// Opens a file that the image may do without, none if there is no file of that name.
    ///
    /// @param location as written in the image
    /// @throws ImageException.OutOfReach if it may not be followed
    default Optional<Storage> find(String location, Access access) throws IOException {
      try {
        return Optional.of(open(location, access));
      } catch (NoSuchFileException _) {
        return Optional.empty();
      }
    }
  }

  /// Why an image is opened.
  public enum Purpose {
    /// Guest data is read or written: everything must be in order.
    DATA,
    /// Only metadata is wanted: an image that cannot serve data (a missing data file, an unknown
    /// feature) may still be described.
    INFO,
    /// It is going to be checked or repaired: what is wrong is a finding and not an error, as far
    /// as the structures can be found at all.
    CHECK
  }
}
