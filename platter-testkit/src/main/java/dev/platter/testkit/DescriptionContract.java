package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Dumpable;
import dev.platter.image.ImageFormat;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.ImageInfo;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What a format says about itself and its images.
public interface DescriptionContract extends FormatSubject {

  /// Names are there, in lower case, and once.
  @Test
  default void namesAreWellFormed() {
    ImageFormat format = variant().format();
    assertEquals(format.name().toLowerCase(Locale.ROOT), format.name());
    assertTrue(format.name().matches("[a-z][a-z0-9-]*"), format.name());
    assertFalse(format.title().isBlank());
    assertFalse(format.aliases().contains(format.name()));
    assertFalse(format.extensions().isEmpty());
    format.extensions().forEach(e -> assertFalse(e.startsWith("."), e));
    assertEquals(ImageFormat.SPI_VERSION, format.spiVersion());
  }

  /// Every option is documented, and its default is one of its values.
  @Test
  default void optionsAreDocumented() {
    var names = new HashSet<String>();
    for (Option option : variant().format().options()) {
      assertTrue(names.add(option.name()), option.name() + " is there twice");
      assertFalse(option.documentation().isBlank(), option.name());
      if (!option.fallback().isEmpty()) {
        assertDoesNotThrow(
            () -> Options.of(variant().format(), Map.of(option.name(), option.fallback())),
            option.name());
      }
      if (option.kind() == Option.Kind.CHOICE) {
        assertTrue(option.choices().contains(option.fallback()), option.name());
      }
    }
  }

  /// Options that there are not are refused by name.
  @Test
  default void unknownOptionsAreRefused() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Options.of(variant().format(), Map.of("no-such-option", "1")));
    assertTrue(refusal.getMessage().contains("no-such-option"), refusal.getMessage());
  }

  /// A format that claims content recognises its own, and nothing else.
  @Test
  default void probesKnowTheirOwn() throws IOException {
    Lab lab = used(11, variant().can(Capability.WRITE) ? 10 : 0);
    ImageFormat format = variant().format();
    Probe own = format.probe(lab.folder().open(image(), Access.READ));
    boolean claims = own instanceof Probe.Mine;
    assertTrue(claims || variant().can(Capability.STREAM_READ), "is not recognised: " + own);
    var other = new FaultStorage("other");
    assertInstanceOf(Probe.NotMine.class, format.probe(other), "an empty file");
    other.resize(1 << 20);
    assertInstanceOf(Probe.NotMine.class, format.probe(other), "zeros");
    other.write(0, MemorySegment.ofArray(Stamp.bytes(0, 1 << 20, 1)));
    assertInstanceOf(Probe.NotMine.class, format.probe(other), "data");
    byte[] junk = new byte[70_000];
    new Random(1).nextBytes(junk);
    other.write(0, MemorySegment.ofArray(junk));
    assertInstanceOf(Probe.NotMine.class, format.probe(other), "junk");
  }

  /// However short a file was cut, probing gives an answer.
  @Test
  default void probesOfTruncatedFilesGiveAnAnswer() throws IOException {
    Lab lab = used(12, variant().can(Capability.WRITE) ? 10 : 0);
    FaultStorage file = FaultStorage.copyOf(lab.folder().file(image()));
    long size = Math.min(file.size(), 4096);
    for (long end = size; end >= 0; end -= end > 600 ? 97 : 1) {
      file.resize(end);
      Probe answer = assertDoesNotThrow(() -> variant().format().probe(file), "cut to " + end);
      if (answer instanceof Probe.Broken(String why)) {
        assertFalse(why.isBlank(), "cut to " + end);
      }
    }
  }

  /// Information is complete, and its values are of kinds that can be printed.
  @Test
  default void informationCanBePrinted() throws IOException {
    Lab lab = used(13, variant().can(Capability.WRITE) ? 20 : 0);
    try (Disk disk = lab.open(image(), Access.READ)) {
      ImageInfo info = disk.top().info();
      assertFalse(info.corrupt());
      assertFalse(info.dirty());
      info.clusterSize().ifPresent(size -> assertTrue(size > 0));
      printable(info.specific());
      assertTrue(disk.top().storages().size() >= 1);
      assertEquals(image(), disk.top().storages().getFirst().name());
    }
  }

  private static void printable(Object value) {
    switch (value) {
      case String _, Long _, Boolean _ -> {}
      case List<?> list -> list.forEach(DescriptionContract::printable);
      case SequencedMap<?, ?> map ->
          map.forEach((key, inner) -> {
            assertInstanceOf(String.class, key);
            printable(inner);
          });
      default -> throw new AssertionError("a value of " + value.getClass());
    }
  }

  /// A dump shows structures with fields, inside the file, each begun and ended.
  @Test
  default void dumpsShowEveryStructure() throws IOException {
    Lab lab = used(14, variant().can(Capability.WRITE) ? 20 : 0);
    try (Disk disk = lab.open(image(), Access.READ)) {
      Assumptions.assumeTrue(disk.top() instanceof Dumpable, "has no structures");
      var dump = new DumpCheck(lab.folder().file(image()).size());
      ((Dumpable) disk.top()).dump(dump);
      assertTrue(dump.structures() > 0 && dump.fields() > 0);
      assertEquals(0, dump.unfinished());
    }
  }

  /// What cannot be made is refused in words, not by another exception.
  @Test
  default void impossibleDisksAreRefusedInWords() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.CREATE));
    for (long size : new long[] {0, Long.MAX_VALUE / 512 * 512, 1L << 60}) {
      try {
        Blueprint blueprint = new Lab().blueprint(variant(), image(), size);
        Plan plan = variant().format().plan(blueprint, Allocation.empty(size));
        assertTrue(plan.size() >= 0, "size " + size);
      } catch (IllegalArgumentException e) {
        assertFalse(e.getMessage() == null || e.getMessage().isBlank(), "size " + size);
      }
    }
  }
}
