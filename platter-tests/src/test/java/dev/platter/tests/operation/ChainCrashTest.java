package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Describable;
import dev.platter.image.Property;
import dev.platter.io.Access;
import dev.platter.operation.Commit;
import dev.platter.operation.Progress;
import dev.platter.operation.Reparent;
import dev.platter.testkit.ChainCrash;
import dev.platter.testkit.ChainCrash.Between;
import dev.platter.testkit.ChainCrash.Watch;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Stamp;
import dev.platter.testkit.Variant;
import dev.platter.tests.operation.Kinds.Pair;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every state in which a crash can leave a chain that is being merged or re-pointed, for every
/// pair of formats.
class ChainCrashTest {
  private static final int UNIT = 16 << 10;
  private static final int SIZE = 4 * UNIT;

  static Stream<Pair> pairs() {
    return Kinds.pairs();
  }

  /// The base is full of data. Above it a unit is written in part, one is zeros, one is the base's.
  private static final class Scene {
    private final Lab lab;
    private final List<String> names;
    private final byte[] base;
    private final byte[] middle;
    private final byte[] top;

    private Scene(Lab lab, List<String> names, byte[] base, byte[] middle, byte[] top) {
      this.lab = lab;
      this.names = names;
      this.base = base;
      this.middle = middle;
      this.top = top;
    }

    private String nameOfTop() {
      return names.get(0);
    }

    private String nameOfMiddle() {
      return names.get(1);
    }

    private String nameOfBase() {
      return names.get(2);
    }

    static Scene of(Variant child, Variant parent) throws IOException {
      Lab lab = new Lab();
      String below = Kinds.file("base", parent);
      String between = Kinds.file("middle", child);
      String above = Kinds.file("top", child);
      lab.create(parent, below, SIZE);
      byte[] base = write(lab, below, new byte[SIZE], 0, SIZE, 1);
      lab.createChild(child, between, SIZE, below);
      byte[] middle = write(lab, between, base, 700, UNIT, 2);
      middle = zero(lab, between, middle, 2 * UNIT, UNIT);
      lab.createChild(child, above, SIZE, between);
      byte[] top = write(lab, above, middle, 3 * UNIT + 1024, 2048, 3);
      top = zero(lab, above, top, 512, 1024);
      return new Scene(lab, List.of(above, between, below), base, middle, top);
    }

    private static byte[] write(
        Lab lab, String name, byte[] before, int at, int length, int version) throws IOException {
      byte[] after = before.clone();
      System.arraycopy(Stamp.bytes(at, length, version), 0, after, at, length);
      try (Disk disk = lab.open(name, Access.WRITE)) {
        disk.write(at, Stamp.segment(at, length, version));
        disk.flush();
      }
      return after;
    }

    private static byte[] zero(Lab lab, String name, byte[] before, int at, int length)
        throws IOException {
      byte[] after = before.clone();
      Arrays.fill(after, at, at + length, (byte) 0);
      try (Disk disk = lab.open(name, Access.WRITE)) {
        disk.zero(at, length, Disk.Room.RELEASE);
        disk.flush();
      }
      return after;
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void commit(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    int states =
        new ChainCrash(
                scene.lab,
                List.of(
                    Watch.same(scene.nameOfTop(), scene.top),
                    new Watch(scene.nameOfMiddle(), scene.middle, scene.top, Between.MIXTURE),
                    Watch.same(scene.nameOfBase(), scene.base)),
                lab -> {
                  try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth < 2)) {
                    Commit commit = new Commit(chain, 0, 1, 2, Progress.none());
                    commit.run();
                    assertTrue(commit.empty());
                  }
                },
                1,
                8)
            .run();
    assertTrue(states > 5, states + " states");
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void commitOfTwo(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    int states =
        new ChainCrash(
                scene.lab,
                List.of(
                    Watch.same(scene.nameOfTop(), scene.top),
                    new Watch(scene.nameOfBase(), scene.base, scene.top, Between.MIXTURE)),
                lab -> {
                  try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth == 2)) {
                    new Commit(chain, 0, 2, 2, Progress.none()).run();
                  }
                },
                2,
                8)
            .run();
    assertTrue(states > 5, states + " states");
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void mergeIntoTheChild(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    assumeParentCanChange(scene);
    int states =
        new ChainCrash(
                scene.lab,
                List.of(
                    Watch.same(scene.nameOfTop(), scene.top),
                    Watch.same(scene.nameOfMiddle(), scene.middle),
                    Watch.same(scene.nameOfBase(), scene.base)),
                lab -> {
                  try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth == 0)) {
                    if (chain.size() > 2) {
                      new Reparent(chain, 0, 2, Progress.none()).onto(2, scene.nameOfBase());
                    }
                  }
                },
                3,
                8)
            .run();
    assertTrue(states > 5, states + " states");
    try (Chain chain = scene.lab.chain(scene.nameOfTop(), _ -> false)) {
      assertEquals(2, chain.size());
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void removeFromTheMiddleDownwards(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    assumeParentCanChange(scene);
    new ChainCrash(
            scene.lab,
            List.of(
                Watch.same(scene.nameOfTop(), scene.top),
                new Watch(scene.nameOfBase(), scene.base, scene.middle, Between.MIXTURE)),
            lab -> {
              try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth == 0 || depth == 2)) {
                if (chain.size() > 2) {
                  new Commit(chain, 1, 2, 2, Progress.none()).run();
                  new Reparent(chain, 0, 2, Progress.none()).onto(2, scene.nameOfBase());
                }
              }
            },
            4,
            8)
        .run();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void flatten(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    assumeParentCanChange(scene);
    int states =
        new ChainCrash(
                scene.lab,
                List.of(
                    Watch.same(scene.nameOfTop(), scene.top),
                    Watch.same(scene.nameOfMiddle(), scene.middle)),
                lab -> {
                  try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth == 0)) {
                    if (chain.size() > 1) {
                      new Reparent(chain, 0, 2, Progress.none()).ontoNothing();
                    }
                  }
                },
                5,
                8)
            .run();
    assertTrue(states > 5, states + " states");
  }

  /// The other parent has data where the old one has zeros, and is smaller.
  @ParameterizedTest
  @MethodSource("pairs")
  void rebase(Pair pair) throws IOException {
    Scene scene = Scene.of(pair.child(), pair.parent());
    Lab before = scene.lab;
    assumeParentCanChange(scene);
    String other = Kinds.file("other", pair.parent());
    int smaller = SIZE - UNIT;
    before.create(pair.parent(), other, smaller);
    byte[] content = Scene.write(before, other, new byte[smaller], UNIT, smaller - UNIT, 9);
    int states =
        new ChainCrash(
                before,
                List.of(Watch.same(scene.nameOfTop(), scene.top), Watch.same(other, content)),
                lab -> {
                  try (Chain chain = lab.chain(scene.nameOfTop(), depth -> depth == 0);
                      Disk next = lab.open(other, Access.READ)) {
                    Optional<String> format = Optional.of(pair.parent().format().name());
                    new Reparent(chain, 0, 2, Progress.none())
                        .onto(new Backing(other, format, Optional.of(next.top())), next);
                  }
                },
                6,
                8)
            .run();
    assertTrue(states > 5, states + " states");
  }

  private static void assumeParentCanChange(Scene scene) throws IOException {
    try (Disk disk = scene.lab.open(scene.nameOfTop(), Access.READ)) {
      Assumptions.assumeTrue(
          disk.top() instanceof Describable describable
              && describable.places().contains(Property.PARENT),
          "the parent cannot be changed in place");
    }
  }
}
