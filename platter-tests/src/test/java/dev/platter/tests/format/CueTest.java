package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.format.cue.CueFormat;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Region;
import dev.platter.image.Region.DataForm;
import dev.platter.image.Region.MetadataForm;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Variant;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sheets as they are found, and as nobody should write them.
class CueTest {
  private static final int SECTORS = 40;
  private static final byte[] DATA = VdiImages.random(SECTORS * OpticalLab.USER, 3);
  private static final byte[] SOUND = VdiImages.random(30 * OpticalLab.SECTOR, 4);

  @TempDir private Path folder;
  private OpticalLab lab;

  @BeforeEach
  void lab() {
    lab = new OpticalLab(folder);
  }

  private void sheet(String... lines) throws IOException {
    lab.write("x.cue", String.join("\r\n", lines) + "\r\n");
  }

  private static byte[] zeros(int sectors) {
    return new byte[sectors * OpticalLab.USER];
  }

  @ParameterizedTest
  @CsvSource({
    "MODE1/2048, MODE1_2048, MODE1_2048",
    "MODE1/2352, MODE1_2352, MODE1_2048",
    "MODE2/2048, MODE2_2048, MODE2_2048",
    "MODE2/2336, MODE2_2336, MODE2_2048",
    "MODE2/2352, MODE2_2352, MODE2_2048",
    "CDI/2336, MODE2_2336, MODE2_2048",
    "CDI/2352, MODE2_2352, MODE2_2048"
  })
  void everyModeIsCookedAndRaw(String mode, DataForm raw, DataForm cooked) throws IOException {
    byte[] stored =
        switch (mode) {
          case "MODE1/2352" -> OpticalLab.mode1(DATA);
          case "MODE2/2336", "CDI/2336" -> OpticalLab.without16(OpticalLab.mode2(DATA));
          case "MODE2/2352", "CDI/2352" -> OpticalLab.mode2(DATA);
          default -> DATA;
        };
    lab.write("x.bin", stored);
    sheet("FILE \"x.bin\" BINARY", "  TRACK 01 " + mode, "    INDEX 01 00:00:00");
    assertEquals("cue", lab.probe("x.cue"));
    assertArrayEquals(DATA, lab.read("x.cue"));
    assertArrayEquals(stored, lab.readRaw("x.cue"));
    try (Disk disk = lab.open("x.cue")) {
      Region all = new Region(0, SECTORS, OpticalLab.USER, cooked);
      assertEquals(List.of(all), OpticalLab.regions(disk));
      var dice = new SplittableRandom(1);
      for (int round = 0; round < 50; round++) {
        int from = dice.nextInt(DATA.length);
        int length = dice.nextInt(DATA.length - from);
        byte[] part = new byte[length];
        disk.read(from, MemorySegment.ofArray(part));
        assertArrayEquals(Arrays.copyOfRange(DATA, from, from + length), part);
      }
    }
    try (Disk disk = lab.openRaw("x.cue")) {
      Region all = new Region(0, SECTORS, stored.length / SECTORS, raw);
      assertEquals(List.of(all), OpticalLab.regions(disk));
    }
    assertEquals(List.of(), lab.check("x.cue"));
  }

  /// Data, then sound with a gap in the file, then data again behind a gap that is in no file.
  @Test
  void blocksStandWhereADriveCountsThem() throws IOException {
    lab.write("x.bin", OpticalLab.join(OpticalLab.mode1(DATA), SOUND, OpticalLab.mode1(DATA)));
    sheet(
        "FILE \"x.bin\" BINARY",
        "TRACK 01 MODE1/2352",
        "INDEX 01 00:00:00",
        "TRACK 02 AUDIO",
        "INDEX 00 00:00:40",
        "INDEX 01 00:00:50",
        "TRACK 03 MODE1/2352",
        "PREGAP 00:02:00",
        "INDEX 01 00:00:70");
    assertArrayEquals(OpticalLab.join(DATA, zeros(30 + 150), DATA), lab.read("x.cue"));
    try (Disk disk = lab.open("x.cue")) {
      assertEquals(
          List.of(
              new Region(0, 40, 2048, DataForm.MODE1_2048),
              new Region(40, 180, 2048, DataForm.MODE1_EMPTY),
              new Region(220, 40, 2048, DataForm.MODE1_2048)),
          OpticalLab.regions(disk));
    }
    try (Disk disk = lab.openRaw("x.cue")) {
      assertEquals(
          List.of(
              new Region(0, 40, 2352, DataForm.MODE1_2352),
              new Region(40, 30, 2352, DataForm.AUDIO),
              new Region(70, 40, 2352, DataForm.MODE1_2352)),
          OpticalLab.regions(disk));
    }
    assertArrayEquals(Files.readAllBytes(lab.path("x.bin")), lab.readRaw("x.cue"));
  }

  /// The usual game: data first, and a disc image is wanted of it.
  @Test
  void convertingGivesTheVolume() throws IOException {
    lab.write("t1.bin", OpticalLab.mode1(DATA));
    lab.write("t2.bin", SOUND);
    lab.write("t3.bin", SOUND);
    sheet(
        "REM a game",
        "FILE \"t1.bin\" BINARY",
        "  TRACK 01 MODE1/2352",
        "    INDEX 01 00:00:00",
        "FILE \"t2.bin\" BINARY",
        "  TRACK 02 AUDIO",
        "    INDEX 00 00:00:00",
        "    INDEX 01 00:00:10",
        "FILE \"t3.bin\" BINARY",
        "  TRACK 03 AUDIO",
        "    INDEX 01 00:00:00");
    Cli.succeed("convert", "-O", "raw", lab.path("x.cue"), lab.path("x.iso"));
    assertArrayEquals(DATA, Files.readAllBytes(lab.path("x.iso")));
    String description = "driver=cue,view=raw,file.filename=" + lab.path("x.cue");
    Cli.succeed(
        "convert", "--image-opts", "-O", "raw", description, "file.filename=" + lab.path("y.raw"));
    assertArrayEquals(
        OpticalLab.join(OpticalLab.mode1(DATA), SOUND, SOUND),
        Files.readAllBytes(lab.path("y.raw")));
    Cli wrong = Cli.run("info", "--image-opts", description.replace("raw", "boiled"));
    assertTrue(wrong.err().contains("cooked, raw"), wrong.err());
    wrong = Cli.run("info", "--image-opts", description.replace("view", "voew"));
    assertTrue(wrong.err().contains("voew"), wrong.err());
  }

  @Test
  void theGapInFrontOfTheFirstTrackIsBeforeBlockZero() throws IOException {
    lab.write("x.bin", OpticalLab.mode1(OpticalLab.join(zeros(150), DATA)));
    sheet("FILE x.bin BINARY", "TRACK 01 MODE1/2352", "INDEX 00 00:00:00", "INDEX 01 00:02:00");
    assertArrayEquals(DATA, lab.read("x.cue"));
    assertArrayEquals(Files.readAllBytes(lab.path("x.bin")), lab.readRaw("x.cue"));
  }

  /// Sectors of different lengths in one file: a place follows from everything before it.
  @Test
  void tracksOfSeveralSectorSizesShareAFile() throws IOException {
    byte[] second = VdiImages.random(20 * OpticalLab.USER, 9);
    byte[] form2 = VdiImages.random(5 * 2324, 10);
    lab.write("x.bin", OpticalLab.join(DATA, form2, OpticalLab.mode2(second)));
    sheet(
        "FILE x.bin BINARY",
        "TRACK 01 MODE1/2048",
        "INDEX 01 00:00:00",
        "TRACK 02 MODE2/2324",
        "INDEX 01 00:00:40",
        "TRACK 03 MODE2/2352",
        "INDEX 01 00:00:45");
    assertArrayEquals(OpticalLab.join(DATA, zeros(5), second), lab.read("x.cue"));
    assertArrayEquals(Files.readAllBytes(lab.path("x.bin")), lab.readRaw("x.cue"));
  }

  @Test
  void samplesOfMotorolaAreTurnedRound() throws IOException {
    byte[] swapped = SOUND.clone();
    for (int at = 0; at < swapped.length; at += 2) {
      swapped[at] = SOUND[at + 1];
      swapped[at + 1] = SOUND[at];
    }
    lab.write("x.bin", swapped);
    sheet("FILE x.bin MOTOROLA", "TRACK 01 AUDIO", "INDEX 01 00:00:00");
    assertArrayEquals(SOUND, lab.read("x.cue"));
    byte[] odd = new byte[1001];
    try (Disk disk = lab.openRaw("x.cue")) {
      disk.read(2351, MemorySegment.ofArray(odd));
      assertEquals("raw", disk.top().info().variant().orElseThrow());
    }
    assertArrayEquals(Arrays.copyOfRange(SOUND, 2351, 3352), odd);
    sheet("FILE x.bin MOTOROLA", "TRACK 01 MODE1/2352", "INDEX 01 00:00:00");
    assertArrayEquals(swapped, lab.readRaw("x.cue"));
  }

  @Test
  void graphicsAreMetadata() throws IOException {
    byte[] stored = VdiImages.random(3 * 2448, 5);
    lab.write("x.bin", stored);
    sheet("FILE x.bin BINARY", "TRACK 01 CDG", "INDEX 01 00:00:00");
    assertArrayEquals(stored, lab.read("x.cue"));
    try (Disk disk = lab.open("x.cue")) {
      Region region = OpticalLab.regions(disk).getFirst();
      assertEquals(new Region(0, 3, 2448, DataForm.AUDIO, MetadataForm.RAW), region);
      assertEquals(2352, region.dataSize());
    }
  }

  /// A program for ripping keeps a track's gap at the end of the file of the track before.
  @Test
  void aTrackMayBeginInTheFileBefore() throws IOException {
    lab.write("1.bin", OpticalLab.join(SOUND, OpticalLab.mode1(zeros(10))));
    lab.write("2.bin", OpticalLab.mode1(DATA));
    sheet(
        "FILE 1.bin BINARY",
        "TRACK 01 AUDIO",
        "INDEX 01 00:00:00",
        "TRACK 02 MODE1/2352",
        "INDEX 00 00:00:30",
        "FILE 2.bin BINARY",
        "INDEX 01 00:00:00");
    assertArrayEquals(OpticalLab.join(zeros(40), DATA), lab.read("x.cue"));
  }

  @Test
  void textsAreTold() throws IOException {
    lab.write("é x.bin", SOUND);
    String text =
        """
        \ufeffREM GENRE "Rock" and "Roll
        title "The \u00e9 title"
        PERFORMER Some body
        CATALOG 1234567890123
        FILE "é x.bin" BINARY
          TRACK 07 AUDIO
            FLAGS DCP PRE
            ISRC ABCDE1234567
            TITLE "one"
            PREGAP 00:01:02
            INDEX 01 00:00:00
            INDEX 02 00:00:10
            POSTGAP 00:00:05
        """;
    lab.write("x.cue", text);
    assertEquals("cue", lab.probe("x.cue"));
    String info = Cli.succeed("info", lab.path("x.cue"));
    for (String part :
        List.of(
            "title: The \u00e9 title",
            "performer: Some body",
            "catalog: 1234567890123",
            "GENRE \"Rock\" and \"Roll",
            "number: 7",
            "flags: DCP PRE",
            "isrc: ABCDE1234567",
            "pregap: 00:01:02",
            "postgap: 00:00:05",
            "sectors: 20")) {
      assertTrue(info.contains(part), part + " is not in " + info);
    }
    assertTrue(Cli.succeed("dump", lab.path("x.cue")).contains("INDEX: 02 00:00:10"));
    lab.write("e.bin", SOUND);
    lab.write(
        "x.cue",
        text.substring(1).replace("é x.bin", "e.bin").getBytes(StandardCharsets.ISO_8859_1));
    assertTrue(Cli.succeed("info", lab.path("x.cue")).contains("title: The \u00e9 title"));
  }

  @Test
  void namesOfOtherSystemsAreFound() throws IOException {
    Files.createDirectories(lab.path("sub"));
    lab.write("sub/x.bin", DATA);
    sheet("FILE \"SUB\\X.BIN\" BINARY", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00");
    assertArrayEquals(DATA, lab.read("x.cue"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "../x.bin", "nbd://host/x", "json:{}", "C:\\x.bin", ""})
  void filesElsewhereAreNotRead(String name) throws IOException {
    lab.write("x.bin", DATA);
    sheet("FILE \"" + name + "\" BINARY", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00");
    assertThrows(IOException.class, () -> lab.open("x.cue"));
  }

  @Test
  void whatIsMissingIsStillDescribed() throws IOException {
    sheet("FILE gone.bin BINARY", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00");
    assertTrue(Cli.succeed("info", lab.path("x.cue")).contains("missing: true"));
    assertThrows(IOException.class, () -> lab.open("x.cue"));
    lab.write("x.wav", SOUND);
    sheet("FILE x.wav WAVE", "TRACK 01 AUDIO", "INDEX 01 00:00:00");
    assertTrue(Cli.succeed("info", lab.path("x.cue")).contains("type: WAVE"));
    var refusal = assertThrows(ImageException.Unsupported.class, () -> lab.open("x.cue"));
    assertTrue(refusal.getMessage().contains("line 1"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("WAVE"), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRACK 01 AUDIO|INDEX 01 00:00:00",
        "FILE x.bin BINARY",
        "FILE x.bin BINARY|TRACK 01 AUDIO",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 00 00:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 02 00:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:75",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:60:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 1000:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 999:59:74",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 -1:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:10|INDEX 02 00:00:05",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:10|TRACK 02 AUDIO|INDEX 01 00:00:05",
        "FILE x.bin BINARY|TRACK 00 AUDIO|INDEX 01 00:00:00",
        "FILE x.bin BINARY|TRACK 100 AUDIO|INDEX 01 00:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:00|TRACK 03 AUDIO|INDEX 01 00:00:01",
        "FILE x.bin BINARY|TRACK 01 MODE3/2048|INDEX 01 00:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:00|PREGAP 00:00:01",
        "FILE x.bin BINARY|PREGAP 00:00:01|TRACK 01 AUDIO|INDEX 01 00:00:00",
        "FILE \"x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:00",
        "FILE x.bin BINARY 4|TRACK 01 AUDIO|INDEX 01 00:00:00",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:00|BOIL 1",
        "FILE x.bin BINARY|TRACK 01 AUDIO|INDEX 01 00:00:00|\u0000",
        ""
      })
  void brokenSheetsAreRefusedInASentence(String lines) throws IOException {
    lab.write("x.bin", SOUND);
    sheet(lines.split("\\|", -1));
    var options = OpticalLab.options().format(Optional.of("cue"));
    var refusal = assertThrows(ImageException.class, () -> lab.open("x.cue", options));
    assertTrue(refusal.getMessage().contains("sheet"), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
  }

  @Test
  void manyFilesAndLongSheetsAreRefused() throws IOException {
    String[] files = new String[5000];
    Arrays.fill(files, "FILE x.bin BINARY");
    sheet(files);
    assertThrows(ImageException.LimitExceeded.class, () -> lab.open("x.cue"));
    sheet("FILE x.bin BINARY", "REM " + "x".repeat(1 << 20));
    var options = OpticalLab.options().format(Optional.of("cue"));
    assertThrows(ImageException.LimitExceeded.class, () -> lab.open("x.cue", options));
    assertEquals("raw", lab.probe("x.cue"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FILE under: things to do",
        "Dear reader, FILE x BINARY",
        "REM nothing else",
        "TITLE x",
        "",
        "FILE",
        "FILE x.bin"
      })
  void otherTextsAreNoSheets(String text) throws IOException {
    lab.write("x.txt", text);
    assertEquals("raw", lab.probe("x.txt"));
  }

  @Test
  void discsAreNotWritten() throws IOException {
    lab.write("x.bin", DATA);
    sheet("FILE x.bin BINARY", "TRACK 01 MODE1/2048", "INDEX 01 00:00:00");
    var options = OpticalLab.options().writable();
    assertThrows(ReadOnlyException.class, () -> lab.open("x.cue", options));
  }

  @Test
  void damagedSectorsAreCounted() throws IOException {
    byte[] stored = OpticalLab.join(OpticalLab.mode1(DATA), OpticalLab.mode2(DATA), new byte[7]);
    stored[3 * 2352 + 100] ^= 1;
    stored[5 * 2352 + 2060] ^= 1;
    stored[7 * 2352] ^= 1;
    stored[50 * 2352 + 2000] ^= 4;
    lab.write("x.bin", stored);
    sheet(
        "FILE x.bin BINARY",
        "TRACK 01 MODE1/2352",
        "INDEX 01 00:00:00",
        "TRACK 02 MODE2/2352",
        "INDEX 01 00:00:40");
    String found = lab.check("x.cue").toString();
    assertTrue(found.contains("1 of 40 sectors of track 1 do not begin"), found);
    assertTrue(found.contains("2 of 40 sectors of track 1 have data"), found);
    assertTrue(found.contains("the first at position " + 3 * 2352 + " of"), found);
    assertTrue(found.contains("1 of 40 sectors of track 2 have data"), found);
    assertTrue(found.contains("ends with 7 bytes"), found);
    try (Disk disk = lab.open("x.cue", OpticalLab.options().purpose(Purpose.DATA))) {
      assertEquals(80 * 2048, disk.size());
    }
  }

  @Test
  void damageIsHarmless() throws IOException {
    String text =
        "FILE \"x.bin\" BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n"
            + "TRACK 02 AUDIO\nPREGAP 00:02:00\nINDEX 00 00:00:40\nINDEX 01 00:00:45\n";
    var variant = Variant.of(new CueFormat(), Map.of());
    var images = new Lab();
    images.add(variant, OpticalLab.file("x.cue", text.getBytes(StandardCharsets.UTF_8)));
    images.add(variant, OpticalLab.file("x.bin", OpticalLab.join(OpticalLab.mode1(DATA), SOUND)));
    var mutants = new Mutants(images, "x.cue");
    var flipped = mutants.flipBits(8 * text.length()).counts();
    assertEquals(text.length() * 8, flipped.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(flipped.get(Mutants.Outcome.REFUSED) > 300, flipped.toString());
    assertTrue(mutants.truncate(1).counts().size() > 1);
  }
}
