package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdxLab.BAT;
import static dev.platter.tests.format.VhdxLab.HEADER;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.OTHER_HEADER;
import static dev.platter.tests.format.VhdxLab.REGIONS;
import static dev.platter.tests.format.VhdxLab.getLong;
import static dev.platter.tests.format.VhdxLab.image;
import static dev.platter.tests.format.VhdxLab.putLong;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.testkit.ClaimSweep;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Damage that is found and mended.
class VhdxCheckTest {
  private static final int SIZE = 4 * MIB;

  private final VhdxLab lab = new VhdxLab();
  private final byte[] content = random(2 * MIB, 1);
  private MemoryStorage file;

  @BeforeEach
  void twoBlocksOfFour() throws IOException {
    file = lab.create("x.vhdx", SIZE);
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      write(disk, 0, content);
    }
  }

  private List<Finding> findings() throws IOException {
    try (var image = (Claiming) image(file, Access.READ, Purpose.CHECK)) {
      return ClaimSweep.check(image);
    }
  }

  private List<Repair> repair(Scope scope) throws IOException {
    try (var image = (Repairable) image(file, Access.WRITE, Purpose.CHECK)) {
      return image.repair(scope);
    }
  }

  private void assertMended(int repairs) throws IOException {
    assertTrue(findings().stream().anyMatch(f -> f.severity() == Severity.CORRUPTION));
    assertEquals(repairs, repair(Scope.ALL).size());
    assertEquals(List.of(), findings());
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      assertArrayEquals(content, read(disk, 0, 2 * MIB));
      write(disk, 3 * MIB, random(MIB, 2));
      assertArrayEquals(content, read(disk, 0, 2 * MIB));
    }
  }

  @Test
  void nothingIsWrongWithAnImageOfOurs() throws IOException {
    assertEquals(List.of(), findings());
    assertEquals(List.of(), repair(Scope.ALL));
  }

  @Test
  void eitherHeaderIsWrittenAnew() throws IOException {
    put(file, HEADER + 9, (byte) 0x55);
    assertMended(1);
    put(file, OTHER_HEADER + 9, (byte) 0x55);
    assertMended(1);
  }

  @Test
  void eitherRegionTableIsWrittenAnew() throws IOException {
    byte[] table = get(file, REGIONS, 65_536);
    put(file, REGIONS + 20, (byte) 0x55);
    assertMended(1);
    put(file, 2 * OTHER_HEADER + 20, (byte) 0x55);
    assertMended(1);
    assertArrayEquals(table, get(file, REGIONS, 65_536));
    assertArrayEquals(table, get(file, 2 * OTHER_HEADER, 65_536));
  }

  @Test
  void entriesWithoutAPlaceOfTheirOwnAreCleared() throws IOException {
    long first = getLong(file, BAT);
    long[] entries = {first, BAT | 6, 1L << 40 | 6, 6, 4, first | 7};
    for (long entry : entries) {
      putLong(file, BAT + 16, entry);
      assertMended(1);
      try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
        assertArrayEquals(new byte[MIB], read(disk, 2 * MIB, MIB));
        disk.discard(3 * MIB, MIB);
      }
    }
  }

  @Test
  void leaksAtTheEndAreCutOff() throws IOException {
    long size = file.size();
    file.resize(size + 3 * MIB);
    assertEquals(List.of(Severity.LEAK), findings().stream().map(Finding::severity).toList());
    assertEquals(1, repair(Scope.LEAKS).size());
    assertEquals(size, file.size());
    assertEquals(List.of(), findings());
  }

  @Test
  void placesThatACrashLeftBehindAreUsedAgain() throws IOException {
    long size = file.size();
    put(file, size, random(MIB, 9));
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      write(disk, 2 * MIB + 5, new byte[] {1});
      assertArrayEquals(new byte[5], read(disk, 2 * MIB, 5));
      assertArrayEquals(new byte[1000], read(disk, 2 * MIB + 6, 1000));
    }
    assertEquals(size + MIB, file.size());
  }

  @Test
  void placesThatAreGivenBackAreUsedAgain() throws IOException {
    long size = file.size();
    long place = getLong(file, BAT);
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      disk.discard(0, MIB);
      disk.flush();
      write(disk, 3 * MIB, random(10, 3));
      assertArrayEquals(new byte[MIB], read(disk, 0, MIB));
    }
    assertEquals(size, file.size());
    assertEquals(place, getLong(file, BAT + 24));
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      disk.discard(0, SIZE);
    }
    assertEquals(4L * MIB, file.size());
    assertEquals(List.of(), findings());
  }
}
