package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdLab.getInt;
import static dev.platter.tests.format.VhdLab.image;
import static dev.platter.tests.format.VhdLab.putInt;
import static dev.platter.tests.format.VhdLab.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a check finds and a repair mends.
class VhdCheckTest {
  private static final int BLOCK = 4096;
  private static final int STRIDE = BLOCK + 512;
  private static final int SIZE = 8 * BLOCK;
  private static final int TABLE = 1536;
  private static final int DATA = 2048;

  private final VhdLab lab = new VhdLab();
  private final MemoryStorage file = lab.file("x.vhd");
  private final byte[] content = random(SIZE, 3);

  @BeforeEach
  void write() throws IOException {
    lab.create("x.vhd", SIZE, Map.of("block_size", "4k"));
    try (Disk disk = VhdLab.disk(file)) {
      disk.write(0, MemorySegment.ofArray(content));
    }
  }

  private List<Finding> findings() throws IOException {
    List<Finding> found = new ArrayList<>();
    try (Image image = image(file, Access.READ, Purpose.CHECK)) {
      ((Claiming) image).findings(found::add);
    }
    return found;
  }

  private List<Repair> repair(Scope scope) throws IOException {
    try (Image image = image(file, Access.WRITE, Purpose.CHECK)) {
      return ((Repairable) image).repair(scope);
    }
  }

  private byte[] disk() throws IOException {
    try (Disk disk = lab.open("x.vhd", Access.READ)) {
      return read(disk);
    }
  }

  @Test
  void everyStructureIsClaimed() throws IOException {
    List<Claim> claims = new ArrayList<>();
    try (Image image = image(file, Access.READ, Purpose.CHECK)) {
      ((Claiming) image).claims(claims::add);
    }
    assertEquals(new Claim("copy of the footer", 0, 512), claims.get(0));
    assertEquals(new Claim("dynamic header", 512, 1024), claims.get(1));
    assertEquals(new Claim("block allocation table", TABLE, 512), claims.get(2));
    assertEquals(new Claim("block 0", DATA, STRIDE), claims.get(3));
    assertEquals(new Claim("footer", DATA + 8 * STRIDE, 512), claims.getLast());
    assertEquals(List.of(), findings());
    assertEquals(List.of(), repair(Scope.ALL));
  }

  @Test
  void checksumsAreMended() throws IOException {
    byte[] whole = file.toArray();
    put(file, 64, (byte) ~whole[64]);
    put(file, 512 + 36, (byte) ~whole[512 + 36]);
    assertEquals(2, findings().size());
    assertEquals(2, repair(Scope.ALL).size());
    assertArrayEquals(whole, file.toArray());
  }

  @Test
  void footersAreMendedFromEachOther() throws IOException {
    byte[] whole = file.toArray();
    put(file, 40, (byte) 99);
    assertEquals(1, findings().size());
    repair(Scope.ALL);
    assertArrayEquals(whole, file.toArray());
    file.resize(whole.length - 512);
    assertEquals(1, findings().size());
    repair(Scope.ALL);
    assertArrayEquals(whole, file.toArray());
    put(file, whole.length - 400, (byte) 1);
    repair(Scope.ALL);
    assertArrayEquals(whole, file.toArray());
  }

  @Test
  void aFixedImagesChecksumIsMended() throws IOException {
    lab.create("x.vhd", SIZE, Map.of("subformat", "fixed"));
    file.resize(SIZE + 512);
    byte[] whole = file.toArray();
    put(file, SIZE + 65, (byte) ~whole[SIZE + 65]);
    assertEquals(1, findings().size());
    assertEquals(1, repair(Scope.ALL).size());
    assertArrayEquals(whole, file.toArray());
  }

  @Test
  void aSharedBlockGetsACopy() throws IOException {
    byte[] first = get(file, TABLE, 4);
    put(file, TABLE + 8, first);
    System.arraycopy(content, 0, content, 2 * BLOCK, BLOCK);
    assertEquals(1, repair(Scope.ALL).size());
    assertArrayEquals(content, disk());
    try (Disk disk = VhdLab.disk(file)) {
      disk.write(0, MemorySegment.ofArray(random(BLOCK, 8)));
    }
    System.arraycopy(random(BLOCK, 8), 0, content, 0, BLOCK);
    assertArrayEquals(content, disk());
    assertEquals(List.of(), findings());
  }

  @Test
  void blocksThatCannotBeLoseTheirEntries() throws IOException {
    putInt(file, TABLE + 4, 0x7000_0000);
    putInt(file, TABLE + 8, 1);
    putInt(file, TABLE + 12, getInt(file, TABLE) + 1);
    assertEquals(3, repair(Scope.ALL).size());
    assertEquals(-1, getInt(file, TABLE + 4));
    assertEquals(-1, getInt(file, TABLE + 8));
    Arrays.fill(content, BLOCK, 4 * BLOCK, (byte) 0);
    assertArrayEquals(content, disk());
  }

  @Test
  void roomInFrontOfTheFooterIsGivenBack() throws IOException {
    byte[] whole = file.toArray();
    byte[] footer = get(file, whole.length - 512, 512);
    put(file, whole.length - 512, new byte[512]);
    put(file, whole.length + 5 * STRIDE, footer);
    assertEquals(1, repair(Scope.LEAKS).size());
    assertArrayEquals(whole, file.toArray());
  }

  /// Makes the image one of XenServer's, with a batmap that says that all blocks are full.
  private void addBatmap(int version) throws IOException {
    lab.create("x.vhd", SIZE, Map.of("block_size", "4k"));
    byte[] footer = get(file, file.size() - 512, 512);
    file.resize(DATA);
    put(file, DATA, "tdbatmap".getBytes(StandardCharsets.US_ASCII));
    putInt(file, DATA + 12, DATA + 512);
    putInt(file, DATA + 16, 1);
    putInt(file, DATA + 20, version);
    putInt(file, DATA + 24, version == 0x1_0001 ? 0 : ~0xff);
    put(file, DATA + 512, (byte) 0xff);
    for (int block = 0; block < 8; block++) {
      int place = DATA + 1024 + block * STRIDE;
      putInt(file, TABLE + 4 * block, place / 512);
      put(file, place, (byte) 0xff);
      put(file, place + 512, Arrays.copyOfRange(content, block * BLOCK, (block + 1) * BLOCK));
    }
    long end = DATA + 1024 + 8 * STRIDE;
    for (long position : new long[] {end, 0}) {
      put(file, position, footer);
      put(file, position + 28, (byte) 't', (byte) 'a', (byte) 'p', (byte) 0);
      VhdLab.sealFooter(file, position);
    }
  }

  @Test
  void aBatmapStaysTrue() throws IOException {
    for (int version : new int[] {0x1_0001, 0x1_0002}) {
      addBatmap(version);
      assertEquals(List.of(), findings());
      try (Disk disk = VhdLab.disk(file)) {
        assertEquals(true, disk.top().info().specific().get("batmap"));
        disk.zero(BLOCK, 512, BlockDevice.Room.RELEASE);
        disk.discard(3 * BLOCK, 2 * BLOCK);
        disk.write(4 * BLOCK + 512, MemorySegment.ofArray(random(512, 4)));
      }
      assertEquals((byte) 0b1010_0111, get(file, DATA + 512, 1)[0]);
      assertEquals(List.of(), findings());
      byte[] expected = content.clone();
      Arrays.fill(expected, BLOCK, BLOCK + 512, (byte) 0);
      Arrays.fill(expected, 3 * BLOCK, 5 * BLOCK, (byte) 0);
      System.arraycopy(random(512, 4), 0, expected, 4 * BLOCK + 512, 512);
      assertArrayEquals(expected, disk());
    }
  }

  @Test
  void aBatmapThatLiesIsMended() throws IOException {
    addBatmap(0x1_0002);
    put(file, DATA + 1024 + STRIDE, (byte) 0x7f);
    put(file, DATA + 24, (byte) 1);
    assertEquals(2, findings().size());
    assertTrue(repair(Scope.ALL).size() >= 2);
    assertEquals(List.of(), findings());
    assertEquals((byte) 0b1011_1111, get(file, DATA + 512, 1)[0]);
  }
}
