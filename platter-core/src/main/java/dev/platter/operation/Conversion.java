package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.image.Plan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Copies disks into a new image of any format, or into an existing one. Say what is wanted with the
/// methods that return the conversion itself, then call one of the methods that run it.
///
/// The result is the same bytes for any number of threads. Memory is bounded whatever the size.
public final class Conversion {
  private Conversion() {}

  /// A conversion of one disk, or of several joined end to end.
  public static Conversion of(List<? extends BlockDevice> sources) {
    return new Conversion();
  }

  /// Options of the target's format; none by default.
  public Conversion options(Map<String, String> given) {
    return this;
  }

  /// The new disk's size: cut, or longer with zeros. By default that of the sources.
  public Conversion size(long bytes) {
    return this;
  }

  /// Makes the new image a child. What the source has at `shared` or deeper in its chain is not
  /// copied, because the parent has it.
  ///
  /// @param shared the first image of the source's chain, the top being 0, that the new image does
  ///     without; the chain's length if nothing is shared
  /// @param parentSize bytes of the parent's disk
  public Conversion backing(Blueprint.Backing parent, long parentSize, int shared) {
    return this;
  }

  /// Stores guest data compressed.
  public Conversion compressed() {
    return this;
  }

  /// Runs of at least so many zero bytes in the source's data are not stored; 0 stores all that the
  /// source has allocated, and zeros where it has nothing. 4096 by default.
  public Conversion sparse(long bytes) {
    return this;
  }

  /// How many threads work; one a core by default.
  public Conversion threads(int count) {
    return this;
  }

  /// Makes identities and times that depend on nothing, so that the same source gives the same file.
  public Conversion deterministic() {
    return this;
  }

  /// Who hears how far it is.
  public Conversion progress(Progress listener) {
    return this;
  }

  /// What the new image will be, before a byte is written; not for compressed images.
  ///
  /// @param name the new file's name without its folder
  public Plan plan(ImageFormat format, String name) throws IOException {
    throw new IOException("not yet");
  }

  /// Writes a new file, and further ones beside it if the format needs them, which get their names
  /// when all is done.
  public void toFile(ImageFormat format, Path target) throws IOException {
    throw new IOException("not yet");
  }

  /// Writes a new image to storages that are empty.
  public void toStorages(ImageFormat format, String name, NewStorages target) throws IOException {
    throw new IOException("not yet");
  }

  /// Writes a new image in one pass, in ascending order; does not close the stream.
  ///
  /// @throws IllegalArgumentException if the image has more than one file, or would be compressed
  public void toStream(ImageFormat format, String name, OutputStream target) throws IOException {
    throw new IOException("not yet");
  }

  /// Writes into an existing disk and makes it durable.
  ///
  /// @throws IllegalArgumentException if the target is smaller than the source
  public void into(BlockDevice target, Existing content) throws IOException {
    throw new IOException("not yet");
  }

  /// What is known about the bytes of an existing target.
  public enum Existing {
    /// Nothing: what reads as zeros in the source is made zeros.
    UNKNOWN,
    /// All are zeros already.
    ZERO
  }
}
