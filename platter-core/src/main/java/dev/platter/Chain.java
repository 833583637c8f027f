package dev.platter;

import dev.platter.Disk.Layer;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/// The images of a chain, of which any may be changed, as operations on chains need it. A [Disk]
/// changes only the top.
///
/// What is changed must not alter what the images above read: a child is for one state of its
/// parent, and that state's identity is kept.
public final class Chain implements AutoCloseable {
  private final List<Layer> layers;
  private final IntPredicate written;
  private final List<Fault> faults;
  private final Map<Integer, Disk> disks = new TreeMap<>();

  /// Something that is wrong with a parent.
  ///
  /// @param child how far down the chain the image stands that names the parent, the top being 0
  /// @param kind whether there is a parent at all
  /// @param cause what is wrong
  public record Fault(int child, Kind kind, IOException cause) {

    /// What is wrong with a parent.
    public enum Kind {
      /// It cannot be found or opened: the chain ends.
      MISSING,
      /// It is not the image, or not in the state, that the child was made from.
      MISMATCHED
    }
  }

  Chain(List<Layer> layers, IntPredicate written, List<Fault> faults) {
    this.layers = List.copyOf(layers);
    this.written = written;
    this.faults = List.copyOf(faults);
    for (int depth = 0; depth < layers.size(); depth++) {
      if (written.test(depth) && image(depth) instanceof Identified identified) {
        identified.keepModification();
      }
    }
  }

  /// The images, the top first.
  public List<Layer> layers() {
    return layers;
  }

  /// How many images there are.
  public int size() {
    return layers.size();
  }

  /// An image.
  ///
  /// @param depth how far down the chain it stands, the top being 0
  public Image image(int depth) {
    return layers.get(depth).image();
  }

  /// The name of the file that an image was opened from.
  public String name(int depth) {
    return image(depth).storages().getFirst().name();
  }

  /// What is wrong with parents; nothing unless the chain was only traced.
  public List<Fault> faults() {
    return faults;
  }

  /// The disk that an image and those below it are. The chain closes it.
  public synchronized Disk from(int depth) {
    return disks.computeIfAbsent(
        depth, d -> new Disk(layers.subList(d, layers.size()), written.test(d)));
  }

  /// The disk that some images are without those below them, only to be read. The chain closes it.
  ///
  /// @param from the first image
  /// @param to the first image below that it does without
  public Disk between(int from, int to) {
    return new Disk(layers.subList(from, to), false);
  }

  /// Closes all images; the first failure is thrown when all are closed. An image of which metadata
  /// could not be written is not written any more.
  @Override
  public synchronized void close() throws IOException {
    IOException first = null;
    for (int depth = 0; depth < layers.size(); depth++) {
      try {
        Disk disk = disks.get(depth);
        if (disk != null && disk.failed()) {
          image(depth).abandon();
        } else {
          image(depth).close();
        }
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
