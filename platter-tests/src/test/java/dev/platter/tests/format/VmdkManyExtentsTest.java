package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.Disk.Layer;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Images of thousands of extents: what is open at a time, and when.
class VmdkManyExtentsTest {
  private static final int EXTENTS = 4096;
  private static final int SIZE = 4096;

  private final Map<String, MemoryStorage> folder = new HashMap<>();
  private final Set<String> open = new HashSet<>();
  private int mostOpen;
  private int opened;

  private Disk flat(Access access, int extents) throws IOException {
    var text =
        new StringBuilder("# Disk DescriptorFile\nversion=1\nCID=00000001\nparentCID=ffffffff\n");
    for (int number = 0; number < extents; number++) {
      text.append("RW 8 FLAT \"f").append(number).append("\" 0\n");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    var main = MemoryStorage.of("x.vmdk", bytes);
    var context = new OpenContext(access, Limits.standard(), this::reference, Purpose.DATA);
    var image = VmdkImages.FORMAT.open(main, context);
    return new Disk(List.of(new Layer(image, "vmdk")), access.writes());
  }

  private Storage reference(String name, Access access) throws IOException {
    MemoryStorage file = folder.get(name);
    if (file == null) {
      throw new NoSuchFileException(name);
    }
    open.add(name);
    opened++;
    mostOpen = Math.max(mostOpen, open.size());
    return new FlushLog(file, () -> open.remove(name));
  }

  private void create(int extents) {
    for (int number = 0; number < extents; number++) {
      var file = new MemoryStorage("f" + number);
      file.resize(SIZE);
      file.write(0, MemorySegment.ofArray(new byte[] {(byte) number}));
      folder.put("f" + number, file);
    }
  }

  @Test
  void openingOpensNoExtentAndUsingThemAFewAtATime() throws IOException {
    create(EXTENTS);
    try (Disk disk = flat(Access.WRITE, EXTENTS)) {
      assertEquals(0, opened);
      byte[] expected = new byte[EXTENTS * SIZE];
      for (int number = 0; number < EXTENTS; number++) {
        expected[number * SIZE] = (byte) number;
      }
      assertArrayEquals(expected, VmdkImages.read(disk));
      assertTrue(mostOpen <= 128, mostOpen + " were open");
      VmdkImages.write(disk, 5 * SIZE, new byte[] {77});
      VmdkImages.write(disk, 4000 * SIZE, new byte[] {78});
      disk.flush();
    }
    assertEquals(Set.of(), open);
    assertEquals(77, folder.get("f5").toArray()[0]);
    assertEquals(78, folder.get("f4000").toArray()[0]);
  }

  @Test
  void aFileThatIsMissingIsToldWhenItIsUsed() throws IOException {
    create(EXTENTS);
    folder.remove("f3000");
    try (Disk disk = flat(Access.READ, EXTENTS)) {
      disk.read(0, MemorySegment.ofArray(new byte[SIZE * 3000]));
      var gone =
          assertThrows(
              IOException.class,
              () -> disk.read(3000L * SIZE, MemorySegment.ofArray(new byte[SIZE])));
      assertTrue(gone.getMessage().contains("f3000"), gone.getMessage());
    }
  }

  @Test
  void aFileThatIsTooShortIsToldWhenItIsUsed() throws IOException {
    create(EXTENTS);
    folder.get("f2000").resize(512);
    try (Disk disk = flat(Access.READ, EXTENTS)) {
      var refusal = assertThrows(ImageException.Corrupt.class, () -> VmdkImages.read(disk));
      assertTrue(refusal.getMessage().contains("f2000"), refusal.getMessage());
    }
  }

  @Test
  void oneThatWasReplacedMeanwhileIsNotUsed() throws IOException {
    create(EXTENTS);
    try (Disk disk = flat(Access.READ, EXTENTS)) {
      VmdkImages.read(disk);
      var other = new MemoryStorage("f7");
      other.resize(SIZE);
      folder.put("f7", other);
      var refusal =
          assertThrows(
              IOException.class, () -> disk.read(7L * SIZE, MemorySegment.ofArray(new byte[1])));
      assertTrue(refusal.getMessage().contains("another file"), refusal.getMessage());
    }
  }
}
