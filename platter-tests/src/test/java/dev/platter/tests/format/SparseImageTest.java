package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.ImageException;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sparse images put together by hand, from what is known of them.
class SparseImageTest {
  private static final int BAND = 2 * 512;
  private static final int FIRST = 1008;
  private static final int BANDS = 1500;

  @TempDir private Path folder;
  private DmgLab lab;

  @BeforeEach
  void lab() {
    lab = new DmgLab(folder);
  }

  /// Two nodes: bands in an odd order, every tenth one missing, the last one cut in half.
  private static byte[] image(byte[] content) {
    int stored = BANDS - BANDS / 10;
    ByteBuffer file = ByteBuffer.allocate(2 * 4096 + stored * BAND);
    int second = 4096 + FIRST * BAND;
    file.putInt(0, 0x73707273).putInt(4, 3).putInt(8, 2).putInt(12, 1);
    file.putInt(16, content.length / 512).putLong(20, second).putLong(28, content.length / 512);
    file.putInt(second, 0x73707273).putInt(second + 4, 1).putInt(second + 8, 1);
    int place = 0;
    for (int turn = 0; turn < BANDS; turn++) {
      int band = turn * 7 % BANDS;
      if (band % 10 == 3) {
        continue;
      }
      int node = place < FIRST ? 64 + 4 * place : second + 56 + 4 * (place - FIRST);
      int data = place < FIRST ? 4096 + BAND * place : second + 4096 + BAND * (place - FIRST);
      file.putInt(node, band + 1);
      int length = Math.min(BAND, content.length - band * BAND);
      file.put(data, content, band * BAND, length);
      place++;
    }
    return file.array();
  }

  private static byte[] content() {
    byte[] content = DmgLab.content(BANDS * BAND - 512);
    for (int band = 3; band < BANDS; band += 10) {
      java.util.Arrays.fill(
          content, band * BAND, Math.min((band + 1) * BAND, content.length), (byte) 0);
    }
    return content;
  }

  @Test
  void bandsAreFound() throws IOException {
    byte[] content = content();
    Files.write(lab.path("x.sparseimage"), image(content));
    assertArrayEquals(content, lab.read("x.sparseimage"));
    assertEquals(List.of(), lab.check("x.sparseimage"));
    try (Disk disk = lab.open("x.sparseimage")) {
      assertEquals("sparseimage", disk.layers().getFirst().formatName());
      assertEquals(1350L, disk.top().info().specific().get("bands"));
    }
  }

  private void refused(Consumer<ByteBuffer> change, String words) throws IOException {
    byte[] wrong = image(content());
    change.accept(ByteBuffer.wrap(wrong));
    Files.write(lab.path("x.sparseimage"), wrong);
    var refusal = assertThrows(ImageException.class, () -> lab.open("x.sparseimage").close());
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    refused(f -> f.putInt(4, 2), "version 2");
    refused(f -> f.putInt(8, 0), "0 sectors at 8");
    refused(f -> f.putInt(8, -1), "sectors at 8");
    refused(f -> f.putLong(28, -1), "sectors at 28");
    refused(f -> f.putLong(28, 1L << 33), "at 16");
    refused(f -> f.putLong(20, 0x10), "no index node");
    refused(f -> f.putLong(20, -1), "next one");
    refused(f -> f.putLong(20, 1L << 40), "next one");
    refused(f -> f.putLong(4096 + FIRST * BAND + 12, 4096), "next one");
    refused(f -> f.putInt(64, f.getInt(68)), "twice");
    refused(f -> f.putInt(64, BANDS + 1), "behind the disk's end");
    refused(f -> f.putInt(64, -1), "behind the disk's end");
  }

  @Test
  void flippedBitsDoNoHarm() throws IOException {
    byte[] small = new byte[4096 + 8 * BAND];
    ByteBuffer file = ByteBuffer.wrap(small);
    file.putInt(0, 0x73707273).putInt(4, 3).putInt(8, 2).putInt(12, 1);
    file.putInt(16, 20).putLong(28, 20);
    for (int place = 0; place < 8; place++) {
      file.putInt(64 + 4 * place, 10 - place);
      file.put(4096 + BAND * place, DmgLab.content(BAND));
    }
    var lab = new Lab();
    var variant = Variant.of(DmgLab.FORMATS.named("sparseimage"), Map.of());
    var image = new FaultStorage("x.sparseimage");
    image.write(0, MemorySegment.ofArray(small));
    lab.add(variant, image);
    var report = new Mutants(lab, "x.sparseimage").flipBits(2000);
    assertTrue(report.counts().size() > 1, report::toString);
    assertEquals(report.silent().size(), report.counts().getOrDefault(Mutants.Outcome.SILENT, 0));
    new Mutants(lab, "x.sparseimage").truncate(512);
  }
}
