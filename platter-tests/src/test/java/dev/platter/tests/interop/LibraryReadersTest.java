package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Images of Platter as libvhdi 20210425, libvmdk 20200926 and libqcow 20201213 read them, through
/// their Python modules, byte for byte; and what these libraries refuse or misread.
class LibraryReadersTest {
  /// Compares a disk with a raw file. Arguments: module, type, bytes of a read, the raw file, the
  /// images of the chain with the lowest first.
  private static final String JUDGE =
      """
      import importlib, sys
      module, kind, step, raw, *images = sys.argv[1:]
      chain = []
      for image in images:
          disk = getattr(importlib.import_module(module), kind)()
          disk.open(image)
          if kind == "handle":
              disk.open_extent_data_files()
          if chain:
              disk.set_parent(chain[-1])
          chain.append(disk)
      size = disk.get_media_size()
      with open(raw, "rb") as file:
          if size != file.seek(0, 2):
              sys.exit("the disk has %d bytes" % size)
          file.seek(0)
          for at in range(0, size, int(step)):
              length = min(int(step), size - at)
              if disk.read_buffer_at_offset(length, at) != file.read(length):
                  sys.exit("not the same at %d" % at)
      print("the same")
      """;

  private static final int STEP = 1 << 20;
  private static final String BELOW = "write -P 7 1M 68k";
  private static final List<String> ABOVE = List.of("write -P 9 3M 8k", "write -P 3 1028k 4k");
  @TempDir Path folder;
  private Peer python;

  /// The modules belong to the system's Python, which need not be the first one of the path.
  @BeforeEach
  void modules() throws IOException {
    python = new Peer(Path.of("/usr/bin/python3"));
    for (String module : List.of("pyvhdi", "pyvmdk", "pyqcow")) {
      boolean there =
          Files.isExecutable(python.program())
              && python.run("-c", "import " + module).status() == 0;
      String missing = "peer " + module + " is not installed";
      if ("required".equals(System.getenv("PLATTER_PEERS"))) {
        Assertions.assertTrue(there, missing);
      }
      Assumptions.assumeTrue(there, missing);
    }
  }

  private Peer.Outcome judge(String format, int step, Path raw, List<Path> chain)
      throws IOException {
    String module =
        switch (format) {
          case "vpc", "vhdx" -> "pyvhdi";
          case "vmdk" -> "pyvmdk";
          default -> "pyqcow";
        };
    String type = format.equals("vmdk") ? "handle" : "file";
    List<Object> words = new ArrayList<>(List.of("-c", JUDGE, module, type, step, raw));
    words.addAll(chain);
    return python.run(words.toArray());
  }

  private void same(String format, int step, Path raw, Path... chain) throws IOException {
    Peer.Outcome outcome = judge(format, step, raw, List.of(chain));
    assertEquals("the same\n", outcome.output());
  }

  private void refused(String format, Path raw, String refusal, Path... chain) throws IOException {
    Peer.Outcome outcome = judge(format, STEP, raw, List.of(chain));
    assertNotEquals(0, outcome.status());
    assertTrue(outcome.output().contains(refusal), outcome.output());
  }

  private Path converted(String format, String options, Path raw, String... more) {
    Path image = folder.resolve(raw.getFileName() + "." + format);
    List<Object> words = new ArrayList<>(List.of("convert", "-f", "raw", "-O", format));
    if (!options.isEmpty()) {
      words.addAll(List.of("-o", options));
    }
    words.addAll(List.of(more));
    words.addAll(List.of(raw, image));
    Cli.succeed(words.toArray());
    return image;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vpc   | force_size=on
          vpc   | force_size=on,subformat=fixed
          vpc   | force_size=on,block_size=512K
          vhdx  | ''
          vhdx  | subformat=fixed
          vhdx  | block_size=1M
          vhdx  | block_size=256M
          vmdk  | ''
          vmdk  | subformat=monolithicFlat
          vmdk  | subformat=twoGbMaxExtentSparse,split_size=1M
          vmdk  | subformat=twoGbMaxExtentFlat,split_size=1M
          vmdk  | subformat=streamOptimized
          vmdk  | subformat=vmfs
          vmdk  | subformat=vmfsSparse
          vmdk  | zeroed_grain=on
          vmdk  | grain_size=1M
          qcow2 | compat=1.1
          qcow2 | compat=0.10
          qcow2 | cluster_size=512
          qcow2 | cluster_size=2M
          qcow2 | refcount_bits=1
          qcow2 | refcount_bits=64
          qcow2 | preallocation=metadata
          qcow  | ''
          qcow  | cluster_size=64k,table_size=512
          """)
  void wholeImages(String format, String options) throws IOException {
    for (Path raw :
        List.of(
            Content.mixed(folder.resolve("mixed")),
            Content.dense(folder.resolve("dense")),
            Content.empty(folder.resolve("empty")))) {
      same(format, STEP, raw, converted(format, options, raw));
    }
  }

  @ParameterizedTest
  @CsvSource({"qcow2, compat=1.1", "qcow2, compat=0.10", "qcow, ''"})
  void compressedImages(String format, String options) throws IOException {
    for (Path raw :
        List.of(Content.mixed(folder.resolve("mixed")), Content.dense(folder.resolve("dense")))) {
      same(format, STEP, raw, converted(format, options, raw, "-c"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vmdk  | grain_size=4k          | unsupported grain number of sectors
          qcow2 | extended_l2=on         | unsupported incompatible features flags: 0x00000010
          qcow2 | compression_type=zstd  | unsupported incompatible features flags: 0x00000008
          """)
  void whatTheyDoNotKnow(String format, String options, String refusal) throws IOException {
    Path raw = Content.mixed(folder.resolve("mixed"));
    refused(format, raw, refusal, converted(format, options, raw));
  }

  /// A chain of three. Of a QCOW child of version 1, libqcow takes a whole read from the parent if
  /// the child does not have its first cluster, so there every cluster is read by itself.
  @ParameterizedTest
  @CsvSource({
    "vpc, force_size=on, ''",
    "vhdx, '', ''",
    "vmdk, '', ''",
    "qcow2, '', ''",
    "qcow2, compat=0.10, compat=0.10",
    "qcow, '', 'cluster_size=4k,table_size=4k'"
  })
  void chains(String format, String options, String ofChildren) throws IOException {
    Path raw = Content.mixed(folder.resolve("mixed"));
    Path lowest = converted(format, options, raw);
    Path middle = child(format, ofChildren, lowest, "middle");
    write(format, middle, raw, BELOW);
    int step = format.equals("qcow") ? 4096 : STEP;
    same(format, step, raw, lowest, middle);
    Path top = child(format, ofChildren, middle, "top");
    write(format, top, raw, ABOVE.toArray(new String[0]));
    same(format, step, raw, lowest, middle, top);
  }

  private Path child(String format, String options, Path parent, String name) {
    Path child = folder.resolve(name + "." + format);
    List<Object> words = new ArrayList<>(List.of("create", "-q", "-f", format));
    if (!options.isEmpty()) {
      words.addAll(List.of("-o", options));
    }
    words.addAll(List.of("-b", parent.getFileName(), "-F", format, child));
    Cli.succeed(words.toArray());
    return child;
  }

  /// Writes the same to an image and to a raw disk.
  private static void write(String format, Path image, Path raw, String... requests) {
    List<Object> words = new ArrayList<>();
    for (String request : requests) {
      words.addAll(List.of("-c", request));
    }
    for (Path file : List.of(image, raw)) {
      List<Object> all = new ArrayList<>(List.of("io", "-f", file.equals(raw) ? "raw" : format));
      all.addAll(words);
      all.add(file);
      Cli.succeed(all.toArray());
    }
  }

  /// Each is read by QEMU or said by the specification as Platter has it: bits of single sectors in
  /// a VHD child (libvhdi goes by eight sectors), marks of zeros in a QCOW2 child (libqcow shows
  /// the parent).
  @ParameterizedTest
  @CsvSource({
    "vpc, force_size=on, write -P 7 1M 512",
    "qcow2, '', write -z 64k 128k",
  })
  void whatTheyMisread(String format, String options, String request) throws IOException {
    Path raw = Files.write(folder.resolve("dense"), Content.noise(2, 4 << 20));
    Path parent = converted(format, options, raw);
    Path child = child(format, "", parent, "child");
    write(format, child, raw, request);
    refused(format, raw, "not the same at", parent, child);
    Path flat = folder.resolve("flat");
    Cli.succeed("convert", "-f", format, "-O", "raw", child, flat);
    assertEquals(-1, Files.mismatch(raw, flat));
  }

  /// Tables of 32 KiB under clusters of 512 bytes, which children have from QEMU, are too long for
  /// libqcow, QEMU's own as well.
  @Test
  void longTables() throws IOException {
    Path raw = Content.mixed(folder.resolve("mixed"));
    Path parent = converted("qcow", "", raw);
    Path theirs = folder.resolve("theirs.qcow");
    Peer.named("qemu-img")
        .succeed("create", "-q", "-f", "qcow", "-b", parent, "-F", "qcow", theirs);
    Path ours = child("qcow", "", parent, "ours");
    for (Path image : List.of(ours, theirs)) {
      Peer.named("qemu-io").succeed("-f", "qcow", "-c", BELOW, image);
      refused("qcow", raw, "libqcow_internal_file_read_cluster_block", parent, image);
    }
  }
}
