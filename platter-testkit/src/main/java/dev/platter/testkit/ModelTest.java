package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Random operations on a chain of images, compared with an array of bytes.
///
/// A chain is made of variants, the base first; children are put on top between operations. When a
/// run fails, operations are taken away and offsets lowered as long as it still fails, and what is
/// left is printed as a script.
public final class ModelTest {
  private static final int SHRINKS = 2000;
  private final List<Layer> layers;
  private final int operations;

  /// An image of a chain.
  ///
  /// @param size bytes of its disk
  public record Layer(Variant variant, long size) {}

  /// @param layers the base first
  /// @param operations how many a run has
  public ModelTest(List<Layer> layers, int operations) {
    this.layers = List.copyOf(layers);
    this.operations = operations;
  }

  /// A chain of the variants given, with sizes around `size` that a seed chooses. Variants that
  /// cannot be children of what is below end the chain.
  public static ModelTest random(List<Variant> variants, long size, int operations, long seed) {
    RandomGenerator dice = new SplittableRandom(seed + 1);
    var layers = new ArrayList<Layer>();
    int depth = dice.nextInt(1, 4);
    for (int tries = 0; tries < 20 && layers.size() < depth; tries++) {
      Variant variant = variants.get(dice.nextInt(variants.size()));
      if (layers.isEmpty() || variant.accepts(layers.getLast().variant())) {
        long bytes = dice.nextInt(3) == 0 ? size : dice.nextLong(size / 2, size * 2);
        layers.add(new Layer(variant, variant.size(bytes)));
      }
    }
    return new ModelTest(layers, operations);
  }

  /// Runs one case.
  ///
  /// @throws AssertionError if the disk is not what the array is, with a script that shows it
  public void run(long seed) {
    List<Operation> script = script(seed);
    Optional<Throwable> failure = attempt(script);
    if (failure.isPresent()) {
      List<Operation> least = shrink(script);
      Throwable cause = attempt(least).orElse(failure.get());
      throw new AssertionError(message(seed, least, cause), cause);
    }
  }

  private String message(long seed, List<Operation> script, Throwable cause) {
    var text = new StringBuilder();
    text.append(cause).append("\n").append(Seed.again(seed)).append("\n");
    text.append("# base of ").append(layers.getFirst()).append('\n');
    for (Operation operation : script) {
      text.append(operation);
      if (operation instanceof Operation.Child(int layer, _)) {
        text.append(": ").append(layers.get(layer).variant());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private List<Operation> script(long seed) {
    RandomGenerator dice = new SplittableRandom(seed);
    var script = new ArrayList<Operation>();
    int unit = 512 << dice.nextInt(5);
    int each = operations / layers.size();
    for (int layer = 0; layer < layers.size(); layer++) {
      long size = layers.get(layer).size();
      if (layer > 0) {
        script.add(new Operation.Child(layer, size));
      }
      var shapes = new Operation.Shapes(size, unit, 1);
      for (int at = 0; at < each; at++) {
        script.add(shapes.any(dice, script.size() + 1));
      }
    }
    return script;
  }

  private Optional<Throwable> attempt(List<Operation> script) {
    try (var model = new ModelDisk(layers.getFirst())) {
      for (Operation operation : script) {
        model.perform(operation, layers);
      }
      model.finish();
      return Optional.empty();
    } catch (Exception | AssertionError e) {
      return Optional.of(e);
    }
  }

  private List<Operation> shrink(List<Operation> failing) {
    List<Operation> least = failing;
    int budget = SHRINKS;
    for (int chunk = least.size() / 2; chunk > 0 && budget > 0; chunk /= 2) {
      for (int at = 0; at + chunk <= least.size() && budget-- > 0; ) {
        var shorter = new ArrayList<>(least);
        shorter.subList(at, at + chunk).clear();
        if (attempt(shorter).isPresent()) {
          least = shorter;
        } else {
          at += chunk;
        }
      }
    }
    return simplify(least, budget);
  }

  private List<Operation> simplify(List<Operation> failing, int attempts) {
    var least = new ArrayList<>(failing);
    int budget = attempts;
    for (int at = 0; at < least.size(); at++) {
      boolean simpler = true;
      while (simpler && budget > 0) {
        simpler = false;
        for (Operation candidate : least.get(at).simpler()) {
          Operation kept = least.set(at, candidate);
          budget--;
          if (attempt(least).isPresent()) {
            simpler = true;
            break;
          }
          least.set(at, kept);
        }
      }
    }
    return least;
  }

  /// Checks that the extents of a disk cover it in order and that what they call zeros is zeros.
  ///
  /// @throws AssertionError if they do not
  public static void checkExtents(Disk disk, byte[] content) throws IOException {
    for (long at = 0; at < disk.size(); ) {
      Extent extent = disk.extent(at, disk.size() - at);
      if (extent.offset() != at || extent.length() < 1 || extent.end() > disk.size()) {
        throw new AssertionError("extent " + extent + " is the answer for " + at);
      }
      if (extent.depth() < 0 || extent.depth() >= disk.layers().size()) {
        throw new AssertionError(extent + " is deeper than the chain");
      }
      for (long zero = at; extent.kind().isZero() && zero < extent.end(); zero++) {
        if (content[(int) zero] != 0) {
          throw new AssertionError(
              extent + " is called zero and has " + Stamp.describe(content, zero));
        }
      }
      at = extent.end();
    }
  }
}
