package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.io.Access;
import dev.platter.testkit.FaultStorage.Call;
import dev.platter.testkit.FaultStorage.Fault;
import dev.platter.testkit.FaultStorage.Times;
import dev.platter.testkit.ToyFormat.Flaw;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// A check that cannot fail is worth nothing: every flaw of the toy is found by its runner.
class FlawsTest {
  private static final long SIZE = 20_480;

  private static Variant toy(Flaw flaw) {
    return Variant.of(new ToyFormat(flaw), Map.of());
  }

  private record Suite(Variant variant) implements ImageFormatContract, FormatCampaigns {}

  private static String found(Executable suite) {
    return assertThrows(AssertionError.class, suite).getMessage();
  }

  @Test
  void aMapBeforeItsDataIsFound() {
    var suite = new Suite(toy(Flaw.MAP_FIRST));
    String message = found(suite::crashesLoseNothingThatWasFlushed);
    assertTrue(message.contains("then a crash:"), message);
    found(suite::crashesDoNotLoseTheParent);
    found(suite::nothingRefersToWhatIsNotDurable);
  }

  @Test
  void aMissingBarrierIsFound() {
    var suite = new Suite(toy(Flaw.NO_BARRIER));
    found(suite::crashesLoseNothingThatWasFlushed);
    found(suite::flushedBytesAreDurable);
  }

  @Test
  void aPlaceGivenAwayTooEarlyIsFound() {
    found(new Suite(toy(Flaw.EARLY_REUSE))::crashesLoseNothingThatWasFlushed);
  }

  @Test
  void aLeakIsFound() {
    found(new Suite(toy(Flaw.LEAK))::cancelledReservationsLeaveNoTrace);
  }

  @Test
  void aParentThatShowsThroughIsFound() {
    var suite = new Suite(toy(Flaw.ZERO_SHOWS_PARENT));
    found(suite::zerosHideTheParent);
    found(suite::discardNeverShowsTheParent);
    String message = found(suite::disksDoWhatArraysDo);
    assertTrue(message.contains("-Dplatter.seed="), message);
    assertTrue(message.lines().filter(line -> line.contains("write")).count() <= 3, message);
  }

  @Test
  void aLyingMapIsFound() {
    var suite = new Suite(toy(Flaw.MAP_LIES));
    found(suite::aWholeDiskIsWritten);
    found(suite::disksDoWhatArraysDo);
  }

  @Test
  void anUncheckedEntryIsFound() {
    String message = found(new Suite(toy(Flaw.UNCHECKED_ENTRY))::flippedBitsDoNoHarm);
    assertTrue(message.contains("bit "), message);
  }

  @Test
  void anUncheckedSizeIsFound() {
    found(new Suite(toy(Flaw.UNCHECKED_SIZE))::flippedBitsDoNoHarm);
  }

  @Test
  void aForgottenFailureIsFound() {
    String message = found(new Suite(toy(Flaw.FORGETS_FAILURE))::everyCallMayFail);
    assertTrue(message.contains("at call "), message);
  }

  @Test
  void aLyingMediumIsFound() throws IOException {
    var lab = new Lab();
    lab.create(toy(Flaw.NONE), "a.toy", SIZE);
    FaultStorage file = lab.folder().file("a.toy");
    file.lieAboutFlushes();
    try (Disk disk = lab.open("a.toy", Access.WRITE)) {
      disk.write(0, Stamp.segment(0, 4096, 1));
      disk.flush();
    }
    assertTrue(file.pending() > 4);
  }

  @Test
  void aCrashTearsAndLosesWrites() throws IOException {
    var file = new FaultStorage("f");
    file.write(0, Stamp.segment(0, 4096, 1));
    file.flush();
    file.write(0, Stamp.segment(0, 4096, 2));
    file.write(8192, Stamp.segment(8192, 1024, 3));
    var outcomes = new HashSet<String>();
    for (int seed = 0; seed < 300; seed++) {
      FaultStorage found = file.crash(new SplittableRandom(seed));
      byte[] bytes = new byte[(int) found.size()];
      found.read(0, MemorySegment.ofArray(bytes));
      var sectors = new StringBuilder().append(bytes.length).append(':');
      for (int at = 0; at < bytes.length; at += 512) {
        int version = Stamp.version(bytes, at, at);
        sectors.append(version < 0 ? "-" : version);
        assertEquals(version, Stamp.version(bytes, at + 496, at + 496), "a torn sector at " + at);
        assertTrue(at >= 4096 || version > 0, "flushed bytes are lost at " + at);
      }
      outcomes.add(sectors.toString());
    }
    assertTrue(outcomes.size() > 30, outcomes::toString);
  }

  @Test
  void afterAFailedFlushNothingIsEverCertain() throws IOException {
    var file = new FaultStorage("f");
    file.write(0, Stamp.segment(0, 512, 1));
    file.fail(Set.of(Call.FLUSH), 1, Fault.EIO, Times.ONCE);
    assertThrows(IOException.class, file::flush);
    file.flush();
    assertTrue(file.heal());
    var sizes = new HashSet<Long>();
    for (int seed = 0; seed < 50; seed++) {
      sizes.add(file.crash(new SplittableRandom(seed)).size());
    }
    assertEquals(Set.of(0L, 512L), sizes);
  }

  @Test
  void failuresComeWhenTheyAreAskedFor() throws IOException {
    var file = new FaultStorage("f");
    file.fail(Call.ANY, 2, Fault.ENOSPC, Times.FOR_EVER);
    file.write(0, Stamp.segment(0, 16, 1));
    file.flush();
    var failure = assertThrows(IOException.class, () -> file.write(16, Stamp.segment(16, 16, 1)));
    assertEquals("f: No space left on device", failure.getMessage());
    file.read(0, MemorySegment.ofArray(new byte[16]));
    assertThrows(IOException.class, () -> file.resize(5));
    assertTrue(file.heal());
    assertEquals(
        List.of(Call.WRITE, Call.FLUSH, Call.WRITE, Call.READ, Call.RESIZE),
        file.log().stream().map(FaultStorage.Event::call).toList());
    assertEquals(16, file.size());
  }
}
