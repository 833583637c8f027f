package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Describable;
import dev.platter.image.Finding;
import dev.platter.image.Property;
import dev.platter.image.Resizable;
import dev.platter.io.Access;
import dev.platter.operation.Commit;
import dev.platter.operation.Hash;
import dev.platter.operation.Progress;
import dev.platter.operation.Reparent;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Seed;
import dev.platter.testkit.Stamp;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Chains of all formats grow, are written, merged in both directions, re-pointed and flattened in
/// any order; the disk on top is what an array is.
class ChainModelTest {
  private static final int SECTOR = 512;
  private static final int UNIT = 8 << 10;

  private enum Step {
    WRITE,
    ZERO,
    ANOTHER_CHILD,
    COMMIT,
    MERGE_INTO_CHILD,
    REMOVE_DOWNWARDS,
    FLATTEN,
    REBASE
  }

  @Test
  void theTopIsWhatItWas() throws Exception {
    Map<Step, Integer> done = new EnumMap<>(Step.class);
    for (long seed : Seed.all("chains", 60)) {
      var story = new Story(Seed.dice(seed));
      try {
        story.run(40);
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(Seed.again(seed) + "\n" + String.join("\n", story.said), e);
      }
      story.done.forEach((step, count) -> done.merge(step, count, Integer::sum));
    }
    for (Step step : Step.values()) {
      assertTrue(done.getOrDefault(step, 0) > 5, () -> "hardly ever: " + step + " of " + done);
    }
  }

  private static final class Story {
    private final RandomGenerator dice;
    private final Lab lab = new Lab();
    private final Map<Step, Integer> done = new EnumMap<>(Step.class);
    private final List<String> said = new ArrayList<>();
    private String top = "";
    private byte[] content = new byte[0];
    private int images;

    private Story(RandomGenerator dice) {
      this.dice = dice;
    }

    private void run(int steps) throws Exception {
      List<Variant> bases = Kinds.bases();
      base(bases.get(dice.nextInt(bases.size())));
      for (int step = 0; step < steps; step++) {
        Step next = Step.values()[dice.nextInt(Step.values().length)];
        if (perform(next)) {
          done.merge(next, 1, Integer::sum);
          verify();
        }
      }
    }

    private String name(Variant kind) {
      return Kinds.file("image" + images++, kind);
    }

    private int size(Variant kind) {
      return (int) kind.size(UNIT * (long) dice.nextInt(3, 7) + SECTOR * (long) dice.nextInt(3));
    }

    private void base(Variant kind) throws IOException {
      top = name(kind);
      content = new byte[size(kind)];
      lab.create(kind, top, content.length);
      said.add("base " + kind + " of " + content.length);
      write();
    }

    private boolean perform(Step step) throws IOException {
      said.add(step + " on " + top);
      return switch (step) {
        case WRITE -> write();
        case ZERO -> zero();
        case ANOTHER_CHILD -> child();
        case COMMIT -> commit();
        case MERGE_INTO_CHILD -> mergeIntoChild();
        case REMOVE_DOWNWARDS -> removeDownwards();
        case FLATTEN -> flatten();
        case REBASE -> rebase();
      };
    }

    private boolean write() throws IOException {
      try (Disk disk = lab.open(top, Access.WRITE)) {
        int at = dice.nextInt(content.length);
        int length = dice.nextInt(1, Math.min(2 * UNIT, content.length - at) + 1);
        byte[] bytes = Stamp.bytes(at, length, said.size());
        disk.write(at, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, content, at, length);
        disk.flush();
      }
      return true;
    }

    private boolean zero() throws IOException {
      try (Disk disk = lab.open(top, Access.WRITE)) {
        int at = dice.nextInt(content.length);
        int length = dice.nextInt(1, Math.min(2 * UNIT, content.length - at) + 1);
        disk.zero(at, length, Disk.Room.values()[dice.nextInt(2)]);
        Arrays.fill(content, at, at + length, (byte) 0);
        disk.flush();
      }
      return true;
    }

    private boolean child() throws IOException {
      Variant below = lab.variant(top);
      List<Variant> fitting = Kinds.children().stream().filter(k -> Kinds.fits(k, below)).toList();
      if (fitting.isEmpty() || depth() > 4) {
        return false;
      }
      Variant kind = fitting.get(dice.nextInt(fitting.size()));
      String child = name(kind);
      int size = dice.nextBoolean() ? content.length : size(kind);
      size = (int) kind.size(size);
      lab.createChild(kind, child, size, top);
      said.add("  " + kind + " of " + size);
      top = child;
      content = Arrays.copyOf(content, size);
      return true;
    }

    private int depth() throws IOException {
      try (Chain chain = lab.chain(top, _ -> false)) {
        return chain.size();
      }
    }

    private boolean commit() throws IOException {
      int depth = depth();
      if (depth < 2) {
        return false;
      }
      int into = dice.nextInt(1, depth);
      try (Chain chain = lab.chain(top, d -> d == 0 || d == into)) {
        if (tooSmall(chain, 0, into)) {
          return false;
        }
        Commit commit = new Commit(chain, 0, into, 2, Progress.none());
        commit.run();
        if (into == 1) {
          commit.empty();
        }
        assertStart(content, Lab.content(chain.from(into)));
      }
      return true;
    }

    private static boolean tooSmall(Chain chain, int from, int into) {
      return chain.image(into).size() < chain.image(from).size()
          && !(chain.image(into) instanceof Resizable);
    }

    private static void assertStart(byte[] expected, byte[] found) {
      assertEquals("", Stamp.difference(expected, Arrays.copyOf(found, expected.length)));
    }

    private static boolean pointable(Chain chain, int depth) {
      return chain.image(depth) instanceof Describable describable
          && describable.places().contains(Property.PARENT);
    }

    private boolean mergeIntoChild() throws IOException {
      int depth = depth();
      if (depth < 3) {
        return false;
      }
      int child = dice.nextInt(0, depth - 2);
      int base = dice.nextInt(child + 2, depth);
      try (Chain chain = lab.chain(top, d -> d == child)) {
        if (!pointable(chain, child) || !fits(chain, child, base)) {
          return false;
        }
        new Reparent(chain, child, 2, Progress.none()).onto(base, chain.name(base));
      }
      assertEquals(depth - (base - child - 1), depth());
      return true;
    }

    private boolean fits(Chain chain, int child, int parent) {
      return Kinds.fits(lab.variant(chain.name(child)), lab.variant(chain.name(parent)));
    }

    private boolean removeDownwards() throws IOException {
      int depth = depth();
      if (depth < 3) {
        return false;
      }
      int out = dice.nextInt(1, depth - 1);
      try (Chain chain = lab.chain(top, d -> d == out - 1 || d == out + 1)) {
        if (!pointable(chain, out - 1)
            || tooSmall(chain, out, out + 1)
            || !fits(chain, out - 1, out + 1)) {
          return false;
        }
        new Commit(chain, out, out + 1, 2, Progress.none()).run();
        new Reparent(chain, out - 1, 2, Progress.none()).onto(out + 1, chain.name(out + 1));
      }
      assertEquals(depth - 1, depth());
      return true;
    }

    private boolean flatten() throws IOException {
      int child = dice.nextInt(depth());
      int depth = depth();
      try (Chain chain = lab.chain(top, d -> d == child)) {
        if (child == depth - 1 || !pointable(chain, child) || dice.nextInt(3) > 0) {
          return false;
        }
        new Reparent(chain, child, 2, Progress.none()).ontoNothing();
      }
      assertEquals(child + 1, depth());
      return true;
    }

    /// The new parent is unlike the old one, and as large as it happens to be.
    private boolean rebase() throws IOException {
      Variant kind = lab.variant(top);
      List<Variant> fitting = Kinds.bases().stream().filter(k -> Kinds.fits(kind, k)).toList();
      if (fitting.isEmpty() || dice.nextInt(3) > 0) {
        return false;
      }
      Variant parent = fitting.get(dice.nextInt(fitting.size()));
      String other = name(parent);
      int size = size(parent);
      lab.create(parent, other, size);
      try (Disk disk = lab.open(other, Access.WRITE)) {
        int at = dice.nextInt(size / 2);
        disk.write(at, Stamp.segment(at, dice.nextInt(1, size - at), 1_000_000 + images));
        disk.flush();
      }
      said.add("  onto " + parent + " of " + size);
      try (Chain chain = lab.chain(top, d -> d == 0);
          Disk next = lab.open(other, Access.READ)) {
        if (!pointable(chain, 0)) {
          return false;
        }
        Optional<String> format = Optional.of(parent.format().name());
        new Reparent(chain, 0, 2, Progress.none())
            .onto(new Backing(other, format, Optional.of(next.top())), next);
      }
      assertEquals(2, depth());
      return true;
    }

    private void verify() throws Exception {
      try (Disk disk = lab.open(top, Access.READ)) {
        assertEquals("", Stamp.difference(content, Lab.content(disk)));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        assertTrue(Arrays.equals(digest, Hash.of(disk).run()), "digest");
      }
      try (Chain chain = lab.chain(top, _ -> false)) {
        for (int depth = 0; depth < chain.size(); depth++) {
          for (Finding finding : lab.check(chain.name(depth))) {
            assertEquals(Finding.Severity.LEAK, finding.severity(), finding.toString());
          }
        }
      }
    }
  }
}
