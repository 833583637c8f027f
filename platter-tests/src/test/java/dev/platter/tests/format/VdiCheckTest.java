package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.MAP;
import static dev.platter.tests.format.VdiImages.SMALL;
import static dev.platter.tests.format.VdiImages.create;
import static dev.platter.tests.format.VdiImages.createChild;
import static dev.platter.tests.format.VdiImages.disk;
import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.getInt;
import static dev.platter.tests.format.VdiImages.open;
import static dev.platter.tests.format.VdiImages.openToCheck;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.setInt;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.Image;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VdiCheckTest {
  private static final long FREE = 0xffff_ffffL;
  private static final int COUNT = 388;

  private final MemoryStorage storage = new MemoryStorage("x.vdi");

  private void written(int blocks) throws IOException {
    create(storage, 8 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      for (int block = 0; block < blocks; block++) {
        write(disk, 512 * block, filled(512, block + 1));
      }
    }
  }

  private List<Finding> findings() throws IOException {
    List<Finding> found = new ArrayList<>();
    try (Image image = openToCheck(storage)) {
      ((Claiming) image).findings(found::add);
    }
    return found;
  }

  private List<Repair> repair(Scope scope) throws IOException {
    try (Image image = openToCheck(storage)) {
      return ((Repairable) image).repair(scope);
    }
  }

  @Test
  void everyStructureIsClaimed() throws IOException {
    written(3);
    setInt(storage, MAP + 4, 7);
    List<Claim> claims = new ArrayList<>();
    try (Image image = openToCheck(storage)) {
      ((Claiming) image).claims(claims::add);
      assertEquals(512, ((Claiming) image).claimUnit());
      assertEquals(1024, ((Claiming) image).claimBase());
    }
    assertEquals(
        List.of(
            new Claim("header", 0, 512),
            new Claim("block map", 512, 512),
            new Claim("block 0 (disk offset 0)", 1024, 512),
            new Claim("block 1 (disk offset 512)", 1024 + 7 * 512, 512),
            new Claim("block 2 (disk offset 1024)", 2048, 512)),
        claims);
  }

  @Test
  void aCountThatIsTooLowIsDamageAndOneThatIsTooHighIsALeak() throws IOException {
    written(3);
    assertEquals(List.of(), findings());
    setInt(storage, COUNT, 2);
    assertEquals(Severity.CORRUPTION, findings().getFirst().severity());
    assertEquals(List.of(), repair(Scope.LEAKS));
    assertEquals("set the count to 3", repair(Scope.ALL).getFirst().action());
    assertEquals(List.of(), findings());
    setInt(storage, COUNT, 5);
    assertEquals(Severity.LEAK, findings().getFirst().severity());
    assertEquals(1, repair(Scope.LEAKS).size());
    assertEquals(3, getInt(storage, COUNT));
  }

  @Test
  void duplicatesAndPlacesBehindTheFileAreCleared() throws IOException {
    written(4);
    setInt(storage, MAP + 8, 1);
    setInt(storage, MAP + 12, 100);
    setInt(storage, MAP + 16, 0xffff_fff0L);
    List<Repair> repairs = repair(Scope.ALL);
    assertEquals(
        "entry of block 2 at 520 is 1, which belongs to an earlier block",
        repairs.getFirst().finding().what());
    assertEquals("disk offsets 1024 to 1536 read as zeros", repairs.getFirst().finding().guest());
    assertEquals(
        "entry of block 3 at 524 is 100, which is behind the end of the file",
        repairs.get(1).finding().what());
    assertEquals(FREE, getInt(storage, MAP + 8));
    assertEquals(FREE, getInt(storage, MAP + 12));
    assertEquals(FREE, getInt(storage, MAP + 16));
    assertEquals(2, getInt(storage, COUNT));
    assertEquals(1024 + 1024, storage.size());
    assertEquals(List.of(), repair(Scope.ALL));
    try (Disk disk = disk(storage)) {
      assertArrayEquals(filled(512, 2), read(disk, 512, 512));
      assertArrayEquals(new byte[1024], read(disk, 1024, 1024));
    }
  }

  @Test
  void aBlockThatIsCutOffKeepsWhatThereIs() throws IOException {
    written(2);
    storage.resize(1024 + 512 + 100);
    assertEquals(List.of(), repair(Scope.ALL));
    try (Disk disk = disk(storage)) {
      assertArrayEquals(filled(100, 2), read(disk, 512, 100));
      assertArrayEquals(new byte[412], read(disk, 612, 412));
    }
  }

  @Test
  void aClearedEntryOfAChildShowsTheParent() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), 8 * 512, SMALL);
    try (Image image = open(parent)) {
      createChild(storage, image);
    }
    setInt(storage, MAP, 3);
    assertEquals(
        "disk offsets 0 to 512 show the parent", repair(Scope.ALL).getFirst().finding().guest());
  }

  @Test
  void theLastBlocksMoveIntoGaps() throws IOException {
    written(5);
    setInt(storage, MAP, FREE);
    setInt(storage, MAP + 8, FREE);
    List<Repair> repairs = repair(Scope.LEAKS);
    assertEquals("moved the last 2 blocks there", repairs.getFirst().action());
    assertEquals(0, getInt(storage, MAP + 12));
    assertEquals(1, getInt(storage, MAP + 4));
    assertEquals(2, getInt(storage, MAP + 16));
    assertEquals(3, getInt(storage, COUNT));
    assertEquals(1024 + 3 * 512, storage.size());
    try (Disk disk = disk(storage)) {
      assertArrayEquals(new byte[512], read(disk, 0, 512));
      assertArrayEquals(filled(512, 2), read(disk, 512, 512));
      assertArrayEquals(filled(512, 4), read(disk, 3 * 512, 512));
      assertArrayEquals(filled(512, 5), read(disk, 4 * 512, 512));
    }
  }

  @Test
  void aRepairOfLeaksLeavesSharedPlacesAlone() throws IOException {
    written(4);
    setInt(storage, MAP, 3);
    assertEquals(List.of(), repair(Scope.LEAKS));
    assertEquals(3, getInt(storage, MAP));
    assertEquals(3, getInt(storage, MAP + 12));
  }

  @Test
  void theFilesTailIsGivenBack() throws IOException {
    written(2);
    storage.resize(1024 + 5 * 512);
    List<Repair> repairs = repair(Scope.LEAKS);
    assertEquals("cut the file to 2048 bytes", repairs.getFirst().action());
    assertEquals(2048, storage.size());
  }

  @Test
  void aMissingIdentityIsMadeUp() throws IOException {
    written(1);
    for (int word = 0; word < 8; word++) {
      setInt(storage, 392 + 4 * word, 0);
    }
    assertEquals(2, findings().size());
    assertEquals(2, repair(Scope.ALL).size());
    assertNotEquals(0, getInt(storage, 392));
    assertTrue(findings().isEmpty());
  }
}
