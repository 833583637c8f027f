package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same sheets in Platter and `bchunk`.
class CueInteropTest {
  @TempDir private Path folder;
  private OpticalLab lab;
  private byte[] volume;

  @BeforeEach
  void volume() throws IOException {
    lab = new OpticalLab(folder);
    lab.iso("x.iso", "-J", "-R");
    volume = Files.readAllBytes(lab.path("x.iso"));
  }

  private byte[] track(int number, String ending) throws IOException {
    Peer.named("bchunk").succeed(lab.path("x.bin"), lab.path("x.cue"), lab.path("theirs"));
    return Files.readAllBytes(lab.path("theirs0" + number + "." + ending));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MODE1/2048", "MODE1/2352", "MODE2/2352"})
  void aTrackOfDataIsTheVolume(String mode) throws IOException {
    byte[] stored =
        switch (mode) {
          case "MODE1/2048" -> volume;
          case "MODE1/2352" -> OpticalLab.mode1(volume);
          default -> OpticalLab.mode2(volume);
        };
    lab.write("x.bin", stored);
    lab.write("x.cue", "FILE \"x.bin\" BINARY\n  TRACK 01 " + mode + "\n    INDEX 01 00:00:00\n");
    assertArrayEquals(volume, lab.read("x.cue"));
    if (!mode.equals("MODE1/2048")) {
      // bchunk 1.2.2 reads 2352 bytes for each sector, whatever the sheet says
      assertArrayEquals(volume, track(1, "iso"));
    }
  }

  @Test
  void tracksOfDataAndSoundAreTheSame() throws IOException {
    byte[] sound = VdiImages.random(75 * OpticalLab.SECTOR, 8);
    lab.write("x.bin", OpticalLab.join(OpticalLab.mode1(volume), sound));
    int sectors = volume.length / OpticalLab.USER;
    String start =
        String.format("%02d:%02d:%02d", sectors / 75 / 60, sectors / 75 % 60, sectors % 75);
    lab.write(
        "x.cue",
        """
        FILE "x.bin" BINARY
          TRACK 01 MODE1/2352
            INDEX 01 00:00:00
          TRACK 02 AUDIO
            INDEX 01 %s
        """
            .formatted(start));
    assertArrayEquals(track(1, "iso"), lab.read("x.cue"));
    byte[] raw = lab.readRaw("x.cue");
    byte[] end = Arrays.copyOfRange(raw, raw.length - sound.length, raw.length);
    assertArrayEquals(track(2, "cdr"), end);
    Files.write(lab.path("cooked.iso"), lab.read("x.cue"));
    assertEquals("iso", lab.probe("cooked.iso"));
    String listed = Peer.named("isoinfo").succeed("-R", "-f", "-i", lab.path("cooked.iso"));
    assertTrue(listed.contains("/sub/a long name.txt"), listed);
  }
}
