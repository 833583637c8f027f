package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.ImageException;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Formats are found by content, at the start and at the end; what two formats claim is nobody's.
class ProbingTest {
  private static final int SIZE = 1 << 20;
  private final Formats formats = new Formats(BuiltInFormats.all());

  private FaultStorage image(String format, Map<String, String> options) throws IOException {
    var lab = new Lab();
    lab.create(Variant.of(formats.named(format), options), "image", SIZE);
    Storage made = lab.folder().open("image", Access.READ);
    return FaultStorage.copyOf(made);
  }

  private static byte[] bytes(Storage storage, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    storage.read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Puts the start of one image in front of a fixed VHD's footer.
  private FaultStorage onFixedVhd(String format) throws IOException {
    FaultStorage vhd = image("vpc", Map.of("subformat", "fixed"));
    FaultStorage other = image(format, Map.of());
    int length = (int) Math.min(other.size(), SIZE);
    vhd.write(0, MemorySegment.ofArray(bytes(other, 0, length)));
    return vhd;
  }

  @ParameterizedTest
  @ValueSource(strings = {"parallels", "qcow", "qcow2", "qed", "vdi", "vhdx", "vmdk"})
  void aFooterBehindAnotherFormatsHeaderIsRefused(String format) throws IOException {
    FaultStorage both = onFixedVhd(format);
    var refusal = assertThrows(ImageException.Unrecognized.class, () -> formats.probe(both));
    assertTrue(refusal.getMessage().contains(format), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("vpc"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("-f"), refusal.getMessage());
  }

  @Test
  void headersInDifferentPlacesAreRefused() throws IOException {
    // a VDI's signature stands at 64, where a version 2 QCOW2 header has other fields
    FaultStorage both = image("qcow2", Map.of("compat", "0.10"));
    both.write(64, MemorySegment.ofArray(bytes(image("vdi", Map.of()), 64, 4)));
    var refusal = assertThrows(ImageException.Unrecognized.class, () -> formats.probe(both));
    assertTrue(refusal.getMessage().contains("qcow2 or vdi"), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"parallels", "qcow", "qcow2", "qed", "vdi", "vhdx", "vmdk"})
  void anImageInsideARawDiskIsNotThere(String format) throws IOException {
    var raw = new FaultStorage("raw");
    raw.resize(3L * SIZE);
    FaultStorage inner = image(format, Map.of());
    raw.write(SIZE, MemorySegment.ofArray(bytes(inner, 0, (int) Math.min(inner.size(), SIZE))));
    assertEquals("raw", formats.probe(raw).name());
  }

  /// A byte of a structure that is found without it being right.
  @ParameterizedTest
  @CsvSource({"vpc,fixed,footer", "vpc,dynamic,footer"})
  void brokenImagesSayWhatIsBroken(String format, String subformat, String what)
      throws IOException {
    FaultStorage broken = image(format, Map.of("subformat", subformat));
    long footer = broken.size() - 512;
    broken.write(footer + 100, MemorySegment.ofArray(new byte[] {1}));
    broken.write(100, MemorySegment.ofArray(new byte[] {1}));
    var refusal = assertThrows(ImageException.Corrupt.class, () -> formats.probe(broken));
    assertTrue(refusal.getMessage().contains(format), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(what), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("checksum"), refusal.getMessage());
  }

  @Test
  void aLostFooterIsNoReasonToCallADiskRaw() throws IOException {
    FaultStorage dynamic = image("vpc", Map.of());
    dynamic.resize(dynamic.size() - 512);
    assertEquals("vpc", formats.probe(dynamic).name());
  }
}
