package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.image.ImageException;
import dev.platter.image.Reach;
import dev.platter.image.ReadOnlyException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sparse bundles put together by hand, from what is known of them.
class SparseBundleTest {
  private static final String NAME = "Info.plist";
  private static final int BAND = 64 << 10;
  private static final int BANDS = 300;

  @TempDir private Path folder;
  private DmgLab lab;
  private byte[] content;

  private static String plist(Object band, Object size) {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
    "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
    <dict>
            <key>CFBundleInfoDictionaryVersion</key>
            <string>6.0</string>
            <key>band-size</key>
            <integer>%s</integer>
            <key>bundle-backingstore-version</key>
            <integer>1</integer>
            <key>diskimage-bundle-type</key>
            <string>com.apple.diskimage.sparsebundle</string>
            <key>size</key>
            <integer>%s</integer>
    </dict>
    </plist>
    """
        .formatted(band, size);
  }

  /// Some bands missing, some short.
  @BeforeEach
  void bundle() throws IOException {
    lab = new DmgLab(folder);
    content = DmgLab.content(BANDS * BAND - 512);
    Files.writeString(lab.path(NAME), plist(BAND, content.length));
    Files.createFile(lab.path("token"));
    Files.createDirectory(lab.path("bands"));
    for (int band = 0; band < BANDS; band++) {
      int start = band * BAND;
      int end = Math.min(start + BAND, content.length);
      int there = band % 3 == 1 ? start : band % 5 == 2 ? start + 1000 : end;
      Arrays.fill(content, there, end, (byte) 0);
      if (there > start) {
        byte[] bytes = Arrays.copyOfRange(content, start, there);
        Files.write(lab.path("bands/" + Integer.toHexString(band)), bytes);
      }
    }
  }

  @Test
  void theFolderIsTheImage() throws IOException {
    assertArrayEquals(content, lab.read(""));
    Files.move(lab.path(NAME), lab.path("other.plist"));
    Files.createSymbolicLink(lab.path(NAME), lab.path("other.plist"));
    assertThrows(IOException.class, () -> lab.read(""));
  }

  @Test
  void bandsAreOneDisk() throws IOException {
    assertArrayEquals(content, lab.read(NAME));
    try (Disk disk = lab.open(NAME)) {
      assertEquals("sparsebundle", disk.layers().getFirst().formatName());
      assertEquals((long) BAND, disk.top().info().specific().get("band-size"));
      byte[] rest = new byte[3000];
      disk.read(5L * BAND - 1500, MemorySegment.ofArray(rest));
      assertArrayEquals(Arrays.copyOfRange(content, 5 * BAND - 1500, 5 * BAND + 1500), rest);
    }
  }

  @Test
  void manyReadersShareFewFiles() throws IOException {
    try (Disk disk = lab.open(NAME)) {
      var right = new AtomicInteger();
      IntStream.range(0, 2000)
          .parallel()
          .forEach(turn -> {
            int at = (int) (turn * 7_919_777L % (content.length - 5000));
            byte[] part = new byte[5000];
            try {
              disk.read(at, MemorySegment.ofArray(part));
            } catch (IOException e) {
              throw new AssertionError(e);
            }
            if (Arrays.equals(part, Arrays.copyOfRange(content, at, at + 5000))) {
              right.incrementAndGet();
            }
          });
      assertEquals(2000, right.get());
    }
  }

  @Test
  void largeEmptyBundlesAreMappedInLargeSteps() throws IOException {
    Files.writeString(lab.path(NAME), plist(8 << 20, 1L << 40));
    try (Disk disk = lab.open(NAME)) {
      assertTrue(disk.extent(1L << 38, 1L << 38).length() >= 1L << 32);
    }
  }

  @Test
  void itIsNotWritten() throws IOException {
    var options = DiskOptions.standard().writable().reach(Reach.sameFolder());
    try (Disk disk = new Disks(DmgLab.FORMATS).open(lab.path(NAME), options)) {
      var one = MemorySegment.ofArray(new byte[] {1});
      assertThrows(ReadOnlyException.class, () -> disk.write(0, one));
    }
  }

  private void refused(String text, String words) throws IOException {
    Files.writeString(lab.path(NAME), text);
    var refusal = assertThrows(ImageException.class, () -> lab.open(NAME).close());
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    refused(plist("0", "1024"), "band-size");
    refused(plist("-512", "1024"), "band-size");
    refused(plist("513", "1024"), "band-size");
    refused(plist("x", "1024"), "no number");
    refused(plist("99999999999999999999", "1024"), "no number");
    refused(plist("512", "-512"), "size");
    refused(plist("512", "9223372036854775296"), "limit");
    refused(
        plist("512", "512").replace("version</key>\n        <integer>1", "version</key><integer>2"),
        "version 2");
  }

  @Test
  void encryptedBundlesAreTold() throws IOException {
    Files.writeString(lab.path("token"), "encrcdsa and more");
    var refusal = assertThrows(ImageException.Unsupported.class, () -> lab.open(NAME).close());
    assertTrue(refusal.getMessage().contains("encrypted"), refusal.getMessage());
  }

  /// A band that is a link to another file of the machine is not followed.
  @Test
  void bandsThatAreLinksAreRefused() throws IOException {
    Path band = lab.path("bands/0");
    Files.delete(band);
    Files.createSymbolicLink(band, Path.of("/etc/passwd"));
    assertThrows(ImageException.OutOfReach.class, () -> lab.read(NAME));
  }
}
