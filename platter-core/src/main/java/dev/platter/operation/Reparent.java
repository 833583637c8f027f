package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import java.io.IOException;
import java.util.Optional;

/// Gives an image of a chain another parent, or none. The image itself keeps what the guest sees.
///
/// First all that the image reads from below and would not find any more is copied into it and made
/// durable; then its reference changes, all of it or nothing. Cut short at any moment it reads the
/// same, above the old parent or the new one. No other image is written.
///
/// @param chain the image was opened for writing
/// @param depth the image, the top being 0
/// @param threads how many threads copy
/// @param progress who hears how far it is
public record Reparent(Chain chain, int depth, int threads, Progress progress) {

  /// Makes the image the child of another one.
  ///
  /// @param link the new parent; its image tells the identities that the child remembers
  /// @param parent the new parent's disk
  public void onto(Backing link, BlockDevice parent) throws IOException {
    new Pull(chain, depth, Optional.of(parent), threads, progress).run();
    point(chain.from(depth), link);
  }

  /// Makes the image the child of one further down in its own chain: those between are not needed
  /// any more.
  ///
  /// @param parent the new parent, counted as `depth` is
  /// @param name the new parent's name, as the image shall have it
  public void onto(int parent, String name) throws IOException {
    Disk below = chain.from(parent);
    var format = Optional.of(chain.layers().get(parent).formatName());
    onto(new Backing(name, format, Optional.of(chain.image(parent))), below);
  }

  /// Makes the image one without a parent.
  public void ontoNothing() throws IOException {
    new Pull(chain, depth, Optional.empty(), threads, progress).run();
    release(chain.from(depth));
  }

  /// Changes the parent of a disk's top image without looking at what the parents have.
  public static void point(Disk disk, Backing link) throws IOException {
    disk.describe(Description.UNCHANGED.withParent(link));
  }

  /// Takes away the parent of a disk's top image without looking at what it has.
  public static void release(Disk disk) throws IOException {
    disk.describe(Description.UNCHANGED.withoutParent());
  }
}
