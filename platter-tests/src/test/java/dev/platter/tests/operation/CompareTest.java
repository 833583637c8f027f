package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.io.MemoryStorage;
import dev.platter.operation.AllocationMap;
import dev.platter.operation.Compare;
import dev.platter.operation.Compare.Result;
import dev.platter.operation.Compare.Rule;
import dev.platter.operation.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CompareTest {

  private static MemoryStorage copy(MemoryStorage storage) throws IOException {
    return MemoryStorage.of("copy", storage.toArray());
  }

  private static Result compare(MemoryStorage one, MemoryStorage other, Rule rule)
      throws IOException {
    return new Compare(RawDisks.open(one), RawDisks.open(other), rule, 3, Progress.none()).run();
  }

  @Test
  void holesAreEqualToStoredZerosUnlessStrict() throws IOException {
    MemoryStorage one = RawDisks.patchwork(20, 9_000_001);
    MemoryStorage other = copy(one);
    assertEquals(new Result.Identical(), compare(one, other, Rule.CONTENT));
    long hole = 0;
    while (one.run(hole, 1).kind() == dev.platter.io.Storage.Run.Kind.DATA) {
      hole += one.run(hole, one.size() - hole).length();
    }
    assertEquals(new Result.AllocationDiffers(hole), compare(one, other, Rule.STRICT));
  }

  @Test
  void theFirstDifferenceIsFoundWhicheverThreadMeetsIt() throws IOException {
    MemoryStorage one = RawDisks.patchwork(21, 9_000_001);
    var dice = new SplittableRandom(1);
    for (int round = 0; round < 20; round++) {
      MemoryStorage other = copy(one);
      long first = Long.MAX_VALUE;
      for (int change = 0; change < 5; change++) {
        long at = dice.nextLong(one.size());
        MemorySegment bytes = MemorySegment.ofArray(new byte[1]);
        one.read(at, bytes);
        bytes.set(
            java.lang.foreign.ValueLayout.JAVA_BYTE,
            0,
            (byte) ~bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
        other.write(at, bytes);
        first = Math.min(first, at);
      }
      assertEquals(new Result.ContentDiffers(first), compare(one, other, Rule.CONTENT));
      assertEquals(new Result.ContentDiffers(first), compare(other, one, Rule.CONTENT));
    }
  }

  @Test
  void whatOneHasMoreMustBeZeros() throws IOException {
    MemoryStorage one = RawDisks.patchwork(22, 1_000_000);
    MemoryStorage other = copy(one);
    other.resize(3_000_000);
    assertEquals(new Result.Identical(), compare(one, other, Rule.CONTENT));
    assertEquals(new Result.SizesDiffer(1_000_000, 3_000_000), compare(one, other, Rule.STRICT));
    other.write(2_500_000, MemorySegment.ofArray(new byte[] {1}));
    assertEquals(new Result.ContentDiffers(2_500_000), compare(one, other, Rule.CONTENT));
  }

  @Test
  void aMapJoinsNeighbours() throws IOException {
    var storage = new MemoryStorage("x");
    storage.resize(10 << 20);
    storage.write(1 << 20, MemorySegment.ofArray(new byte[1 << 20]));
    BlockDevice disk = RawDisks.open(storage);
    List<String> runs = new ArrayList<>();
    AllocationMap.walk(
        disk, 0, disk.size(), Progress.none(), e -> runs.add(e.kind() + " " + e.length()));
    assertEquals(List.of("ZERO 1048576", "DATA 1048576", "ZERO 8388608"), runs);
    List<Extent> part = new ArrayList<>();
    AllocationMap.walk(disk, (1 << 20) + 5, 100, Progress.none(), part::add);
    assertEquals(1, part.size());
    assertEquals(100, part.getFirst().length());
  }
}
