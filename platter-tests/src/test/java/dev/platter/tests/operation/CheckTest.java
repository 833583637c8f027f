package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import dev.platter.operation.Check;
import dev.platter.operation.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CheckTest {
  private static final int UNIT = 4096;
  private static final int BASE = 1000;

  private static Check.Result check(int units, Claim... claims) throws IOException {
    return Check.check(new Claims(units, new ArrayList<>(Arrays.asList(claims))), Progress.none());
  }

  private static Claim unit(String owner, long number, long count) {
    return new Claim(owner, BASE + number * UNIT, count * UNIT);
  }

  @Test
  void anImageInOrderHasNoFindings() throws IOException {
    Check.Result result = check(4, new Claim("header", 0, 100), unit("b", 2, 2), unit("a", 0, 2));
    assertTrue(result.clean(), result.toString());
    assertEquals(OptionalLong.of(BASE + 4 * UNIT), result.imageEnd());
    assertEquals(8, result.totalUnits());
    assertEquals(4, result.allocatedUnits());
    assertEquals(2, result.fragmentedUnits());
  }

  @Test
  void ownersOfOneUnitAreNamed() throws IOException {
    Check.Result result = check(8, unit("one", 0, 5), unit("two", 3, 1), unit("three", 4, 4));
    assertEquals(2, result.corruptions());
    assertEquals(0, result.leaks());
    String first = result.findings().getFirst().what();
    assertTrue(first.contains("one (") && first.contains("two ("), first);
    assertTrue(first.contains("bytes at " + (BASE + 3 * UNIT)), first);
  }

  @Test
  void structuresInFrontOfTheUnitsAreComparedByByte() throws IOException {
    Check.Result clean =
        check(1, new Claim("header", 0, 400), new Claim("map", 400, 600), unit("a", 0, 1));
    assertTrue(clean.clean(), clean.toString());
    Check.Result result =
        check(1, new Claim("header", 0, 401), new Claim("map", 400, 600), unit("a", 0, 1));
    assertEquals(1, result.corruptions());
  }

  @Test
  void whatNobodyClaimsIsALeak() throws IOException {
    Check.Result result = check(10, unit("one", 2, 1), unit("two", 5, 2));
    assertEquals(7, result.leaks());
    assertEquals(0, result.corruptions());
    assertEquals(3, result.findings().size());
  }

  @Test
  void claimsOutsideTheFileAreDamageAndNothingElse() throws IOException {
    Check.Result result =
        check(
            2,
            unit("good", 0, 2),
            unit("behind", 1000, 1),
            new Claim("absurd", Long.MAX_VALUE - 5, 4096),
            new Claim("negative", -5, 4096),
            new Claim("empty", 0, 0));
    assertEquals(4, result.corruptions());
    assertEquals(0, result.leaks());
  }

  @Test
  void aRepairIsCheckedAgain() throws IOException {
    var image = new Claims(4, new ArrayList<>(List.of(unit("one", 0, 2))));
    Check.Repaired repaired = Check.repair(image, Repairable.Scope.LEAKS, Progress.none());
    assertEquals(2, repaired.before().leaks());
    assertEquals(1, repaired.repairs().size());
    assertTrue(repaired.after().clean());
    Repairable unchecked = new Unchecked();
    assertThrows(
        IllegalArgumentException.class,
        () -> Check.repair(unchecked, Repairable.Scope.ALL, Progress.none()));
  }

  private static final class Claims extends Bare implements Claiming {
    private final List<Claim> claims;
    private final int units;

    private Claims(int units, List<Claim> claims) {
      super(units);
      this.units = units;
      this.claims = claims;
    }

    @Override
    public int claimUnit() {
      return UNIT;
    }

    @Override
    public long claimBase() {
      return BASE;
    }

    @Override
    public void claims(Consumer<Claim> sink) {
      claims.forEach(sink);
    }

    @Override
    public void findings(Consumer<Finding> sink) {}

    @Override
    public List<Repair> repair(Scope scope) {
      claims.clear();
      claims.add(unit("all", 0, units));
      return List.of(new Repair(Finding.leak("wasted room"), "claimed it"));
    }
  }

  private static final class Unchecked extends Bare {
    private Unchecked() {
      super(1);
    }
  }

  /// A disk of eight units, of which every second is stored.
  private static class Bare implements Image, Repairable {
    private final MemoryStorage storage = new MemoryStorage("bare");

    Bare(int units) {
      storage.write(BASE + (long) units * UNIT - 1, MemorySegment.ofArray(new byte[1]));
    }

    @Override
    public List<Repair> repair(Scope scope) {
      return List.of();
    }

    @Override
    public long size() {
      return 8 * UNIT;
    }

    @Override
    public int allocationUnit() {
      return UNIT;
    }

    @Override
    public Mapping map(long offset, long length) {
      return switch ((int) (offset / UNIT)) {
        case 1, 2 -> new Mapping.Stored(storage, BASE + offset, UNIT);
        case 5 -> new Mapping.Stored(storage, BASE, UNIT);
        case 7 ->
            new Mapping.Encoded(
                UNIT, 0, new Mapping.EncodedUnit(storage, 7, 9, UNIT, (_, _) -> {}));
        default -> new Mapping.Unallocated(UNIT);
      };
    }

    @Override
    public Reservation reserve(long offset, long length) throws IOException {
      throw new IOException("never written");
    }

    @Override
    public void prepareToWrite() {}

    @Override
    public Optional<ParentLink> parent() {
      return Optional.empty();
    }

    @Override
    public ImageInfo info() {
      return new ImageInfo(
          OptionalLong.of(UNIT),
          false,
          false,
          false,
          false,
          Optional.empty(),
          List.of(),
          new java.util.LinkedHashMap<>());
    }

    @Override
    public List<Storage> storages() {
      return List.of(storage);
    }

    @Override
    public boolean sparse() {
      return false;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
