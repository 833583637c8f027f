// SPDX-License-Identifier: Apache-2.0

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Times whole commands of Platter against `qemu-img`: alternating runs after a warm-up of each, in
/// the same minute on the same files, and prints medians and ratios as a table.
///
/// Platter waits by default until a new image is on the disk, as `qemu-img convert -t writeback`
/// does; with `-t unsafe`, which is `qemu-img`'s default, neither waits. Both are compared.
///
/// `java bench/Compare.java IMAGE [RUNS] [ROWS]`: a raw disk such as `bench/make-image` makes, the
/// number of counted runs (5), and a regular expression of the rows wanted (all). To be run from the
/// checkout's folder. Needs `qemu-img` and GNU `time`; writes beside the image and cleans up. Every large result is compared with the
/// source by `qemu-img` once.
public final class Compare {
  /// Formats, with options, that are written from raw and read into raw.
  private static final List<String> OTHERS =
      List.of(
          "vmdk",
          "vmdk -o subformat=monolithicFlat",
          "vmdk -o subformat=streamOptimized",
          "vpc",
          "vpc -o subformat=fixed",
          "vhdx",
          "qed",
          "qcow",
          "parallels");

  private static final Pattern OUTPUT = Pattern.compile("out(-flat)?\\.[abc](-flat\\.vmdk)?");

  private final Path folder;
  private final Path home;
  private final int runs;
  private final String rows;

  /// @param source makes the image that is read, empty if it is there for several rows
  /// @param copied a file whose copy the command changes, empty if it makes a new one
  private record Row(
      String name, String source, String ours, String theirs, String verify, String copied) {
    private Row(String name, String source, String ours, String theirs, String verify) {
      this(name, source, ours, theirs, verify, "");
    }
  }

  private record Cost(double wall, double cpu, double mebibytes) {}

  private Compare(Path image, Path home, int runs, String rows) {
    this.folder = image.toAbsolutePath().getParent();
    this.home = home;
    this.runs = runs;
    this.rows = rows;
  }

  /// The program.
  public static void main(String... args) throws Exception {
    Path image = Path.of(args[0]).toAbsolutePath();
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    Path home = Path.of("").toAbsolutePath();
    new Compare(image, home, runs, args.length > 2 ? args[2] : ".*").run(image);
  }

  private void run(Path raw) throws Exception {
    String platter = home.resolve("platter").toString();
    String qcow = folder.resolve("src.qcow2").toString();
    String vdi = folder.resolve("src.vdi").toString();
    String zlib = folder.resolve("src.zlib.qcow2").toString();
    String zstd = folder.resolve("src.zstd.qcow2").toString();
    prepare(raw, qcow, vdi, zlib, zstd);
    System.out.println("| row | wall s | qemu-img | ratio | cpu s | qemu-img | ratio | MiB | qemu-img |");
    System.out.println("|:--|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (Row row : rows(platter, raw.toString(), qcow, vdi, zlib, zstd)) {
      if (row.name.matches(rows)) {
        if (!row.source.isEmpty()) {
          shell(row.source);
        }
        measure(row);
      }
    }
    for (String file : List.of(qcow, vdi, zlib, zstd, child(), over(), blank())) {
      Files.deleteIfExists(Path.of(file));
    }
    // with the extents beside them
    try (Stream<Path> left = Files.list(folder)) {
      for (Path file : left.toList()) {
        if (OUTPUT.matcher(file.getFileName().toString()).matches()) {
          Files.delete(file);
        }
      }
    }
  }

  private String out(String which) {
    return folder.resolve("out." + which).toString();
  }

  /// A child without data of its own, one with all of it, and the empty parent of that one.
  private String child() {
    return folder.resolve("src.child.qcow2").toString();
  }

  private String over() {
    return folder.resolve("src.over.qcow2").toString();
  }

  private String blank() {
    return folder.resolve("src.blank.qcow2").toString();
  }

  private void prepare(Path raw, String qcow, String vdi, String zlib, String zstd)
      throws Exception {
    String convert = "qemu-img convert -f raw ";
    shell(convert + "-O qcow2 " + raw + " " + qcow);
    shell(convert + "-O vdi " + raw + " " + vdi);
    shell(convert + "-c -O qcow2 " + raw + " " + zlib);
    shell(convert + "-c -O qcow2 -o compression_type=zstd " + raw + " " + zstd);
    shell("qemu-img create -q -f qcow2 -F qcow2 -b " + qcow + " " + child());
    shell("qemu-img create -q -f qcow2 " + blank() + " " + Files.size(raw));
    shell("cp " + qcow + " " + over());
    shell("qemu-img rebase -u -f qcow2 -F qcow2 -b " + blank() + " " + over());
  }

  private List<Row> rows(
      String platter, String raw, String qcow, String vdi, String zlib, String zstd) {
    List<Row> all = new ArrayList<>();
    for (String mode : List.of("writeback", "unsafe")) {
      String copy = "-t " + mode + " ";
      all.add(convert(platter, "raw to raw, " + mode, "raw", raw, "raw", copy));
      all.add(convert(platter, "raw to qcow2, " + mode, "raw", raw, "qcow2", copy));
      all.add(convert(platter, "raw to vdi, " + mode, "raw", raw, "vdi", copy));
      all.add(convert(platter, "qcow2 to raw, " + mode, "qcow2", qcow, "raw", copy));
      all.add(convert(platter, "vdi to raw, " + mode, "vdi", vdi, "raw", copy));
    }
    for (String format : OTHERS) {
      all.addAll(bothWays(platter, format, raw));
    }
    String packed = "-t unsafe -c ";
    all.add(convert(platter, "raw to qcow2 zlib", "raw", raw, "qcow2", packed));
    all.add(
        convert(
            platter,
            "raw to qcow2 zstd",
            "raw",
            raw,
            "qcow2",
            packed + "-o compression_type=zstd "));
    all.add(convert(platter, "qcow2 zlib to raw", "qcow2", zlib, "raw", "-t unsafe "));
    all.add(convert(platter, "qcow2 zstd to raw", "qcow2", zstd, "raw", "-t unsafe "));
    all.add(same(platter, "compare", "compare -f raw -F qcow2 " + raw + " " + qcow));
    String commit = "commit -q -d -f qcow2 " + over();
    all.add(same(platter, "commit qcow2", commit));
    all.add(onto(platter, "rebase qcow2, same data", raw, child()));
    all.add(
        new Row(
            "hash qcow2 (sha256sum raw)",
            "",
            platter + " hash -f qcow2 " + qcow,
            "sha256sum " + raw,
            "true"));
    all.add(same(platter, "check qcow2", "check -f qcow2 " + qcow));
    all.add(same(platter, "check qcow2 zlib", "check -f qcow2 " + zlib));
    all.add(same(platter, "map qcow2", "map --output=json -f qcow2 " + qcow));
    all.add(same(platter, "map raw", "map --output=json -f raw " + raw));
    all.add(same(platter, "info qcow2", "info " + qcow));
    all.add(
        new Row(
            "create qcow2",
            "",
            platter + " create -q -f qcow2 " + out("a") + " 1T",
            "qemu-img create -q -f qcow2 " + out("b") + " 1T",
            "true"));
    return all;
  }

  private Row convert(
      String platter, String name, String from, String source, String to, String options) {
    String words = "convert -f " + from + " -O " + to + " " + options + source + " ";
    return new Row(
        name,
        "",
        platter + " " + words + out("a"),
        "qemu-img " + words + out("b"),
        "qemu-img compare -f " + from + " -F " + to + " " + source + " " + out("a"));
  }

  /// A format that has rows for its own: from raw and to raw, without waiting for the disk.
  ///
  /// @param format its name, and options
  private List<Row> bothWays(String platter, String format, String raw) {
    String name = format.replaceFirst(" -o (subformat=)?", " ");
    String plain = format.split(" ")[0];
    String options = "-t unsafe" + format.substring(plain.length()) + " ";
    String source = out("c");
    Row there = convert(platter, "raw to " + name, "raw", raw, plain, options);
    Row back = convert(platter, name + " to raw", plain, source, "raw", "-t unsafe ");
    String make = "qemu-img convert -f raw -O " + format + " " + raw + " " + source;
    return List.of(there, new Row(back.name, make, back.ours, back.theirs, back.verify));
  }

  private Row onto(String platter, String name, String parent, String child) {
    String words = " rebase -f qcow2 -F raw -b " + parent + " ";
    String verify = "qemu-img compare -F raw " + out("a") + " " + parent;
    return new Row(name, "", platter + words + out("a"), "qemu-img" + words + out("b"), verify, child);
  }

  private static Row same(String platter, String name, String words) {
    return new Row(name, "", platter + " " + words, "qemu-img " + words, "true");
  }

  private void measure(Row row) throws Exception {
    Cost[] ours = new Cost[runs];
    Cost[] theirs = new Cost[runs];
    for (int run = -1; run < runs; run++) {
      Cost a = time(row.ours, out("a"), row.copied);
      Cost b = time(row.theirs, out("b"), row.copied);
      if (run >= 0) {
        ours[run] = a;
        theirs[run] = b;
      }
    }
    shell(row.verify);
    Cost a = median(ours);
    Cost b = median(theirs);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.3f | %.3f | %.2f | %.3f | %.3f | %.2f | %.0f | %.0f |%n",
        row.name,
        a.wall,
        b.wall,
        ratio(ours, theirs, true),
        a.cpu,
        b.cpu,
        ratio(ours, theirs, false),
        a.mebibytes,
        b.mebibytes);
  }

  /// The median of the ratios of runs that were made one after the other: the machine's mood drops
  /// out.
  private static double ratio(Cost[] ours, Cost[] theirs, boolean wall) {
    double[] ratios = new double[ours.length];
    for (int run = 0; run < ours.length; run++) {
      ratios[run] =
          wall
              ? ours[run].wall / theirs[run].wall
              : ours[run].cpu / Math.max(theirs[run].cpu, 0.001);
    }
    return median(ratios);
  }

  private static Cost median(Cost[] costs) {
    return new Cost(
        median(Arrays.stream(costs).mapToDouble(Cost::wall).toArray()),
        median(Arrays.stream(costs).mapToDouble(Cost::cpu).toArray()),
        median(Arrays.stream(costs).mapToDouble(Cost::mebibytes).toArray()));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private Cost time(String command, String output, String copied)
      throws IOException, InterruptedException {
    Files.deleteIfExists(Path.of(output));
    if (!copied.isEmpty()) {
      Files.copy(Path.of(copied), Path.of(output));
    }
    File figures = File.createTempFile("time", ".txt", folder.toFile());
    List<String> words = new ArrayList<>(List.of("time", "-o", figures.getPath(), "-f", "%U %S %M"));
    words.addAll(List.of(command.split(" +")));
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    long start = System.nanoTime();
    int code = builder.start().waitFor();
    double wall = (System.nanoTime() - start) / 1e9;
    String[] found = Files.readString(figures.toPath()).strip().split("\\s+");
    Files.delete(figures.toPath());
    if (code != 0) {
      throw new IOException("exit code " + code + " of: " + command);
    }
    return new Cost(
        wall,
        Double.parseDouble(found[0]) + Double.parseDouble(found[1]),
        Double.parseDouble(found[2]) / 1024);
  }

  private static void shell(String command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command.split(" +"));
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    int code = builder.start().waitFor();
    if (code != 0) {
      throw new IOException("exit code " + code + " of: " + command);
    }
  }
}
