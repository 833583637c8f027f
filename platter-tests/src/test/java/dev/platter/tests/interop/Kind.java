package dev.platter.tests.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A kind of image that both Platter and `qemu-img` make.
///
/// @param format its name for both
/// @param options of `-o` for both; `DATA` stands for the path of a data file
/// @param own further options, which only Platter has
/// @param compressed made with `-c`
record Kind(String format, String options, String own, boolean compressed) {
  private static final int LEAKS = 3;

  /// Formats that `qemu-img check` knows.
  private static final Set<String> CHECKED =
      Set.of("qcow2", "vdi", "vmdk", "vhdx", "qed", "parallels");

  Kind(String format, String options) {
    this(format, options, "", false);
  }

  /// Every kind there is.
  static Stream<Kind> all() {
    return Stream.of(
            of("raw", "", "preallocation=full"),
            qcow2(),
            packed(
                "qcow2",
                "compression_type=zlib",
                "compression_type=zstd",
                "compat=0.10",
                "cluster_size=512",
                "cluster_size=2M,compression_type=zstd",
                "extended_l2=on"),
            of("vdi", "", "static=on"),
            of("vpc", "force_size=on", "subformat=fixed,force_size=on"),
            own("vpc", "force_size=on", "block_size=512K"),
            vmdk(),
            vhdx(),
            of("qed", "", "cluster_size=4k,table_size=2", "cluster_size=2M"),
            of("qcow", ""),
            own("qcow", "", "cluster_size=64k,table_size=512"),
            packed("qcow", ""),
            of("parallels", "", "cluster_size=64k", "cluster_size=4M"),
            own("parallels", "", "variant=classic"))
        .flatMap(kinds -> kinds);
  }

  private static Stream<Kind> qcow2() {
    return of(
        "qcow2",
        "compat=1.1",
        "compat=0.10",
        "cluster_size=512",
        "cluster_size=512,compat=0.10",
        "cluster_size=1k",
        "cluster_size=4k",
        "cluster_size=256k",
        "cluster_size=2M",
        "refcount_bits=1",
        "refcount_bits=2",
        "refcount_bits=4",
        "refcount_bits=8",
        "refcount_bits=32",
        "refcount_bits=64,cluster_size=512",
        "lazy_refcounts=on",
        "extended_l2=on",
        "extended_l2=on,cluster_size=16k",
        "extended_l2=on,cluster_size=2M",
        "data_file=DATA",
        "data_file=DATA,data_file_raw=on",
        "data_file=DATA,extended_l2=on",
        "preallocation=metadata",
        "preallocation=falloc",
        "preallocation=full",
        "preallocation=metadata,extended_l2=on");
  }

  private static Stream<Kind> vmdk() {
    return Stream.of(
            of(
                "vmdk",
                "",
                "zeroed_grain=on",
                "compat6=on,adapter_type=lsilogic",
                "subformat=monolithicFlat",
                "subformat=monolithicFlat,preallocation=full",
                "subformat=streamOptimized"),
            own("vmdk", "", "grain_size=4k", "grain_size=1M,zeroed_grain=on"),
            own("vmdk", "subformat=twoGbMaxExtentSparse", "split_size=1M"),
            own("vmdk", "subformat=twoGbMaxExtentFlat", "split_size=1M"),
            own("vmdk", "subformat=monolithicFlat", "subformat=vmfs"))
        .flatMap(kinds -> kinds);
  }

  private static Stream<Kind> vhdx() {
    return Stream.concat(
        of(
            "vhdx",
            "",
            "subformat=fixed",
            "block_size=1M",
            "block_size=2M,log_size=4M",
            "block_size=256M"),
        own("vhdx", "", "physical_sector_size=512"));
  }

  private static Stream<Kind> packed(String format, String... options) {
    return Stream.of(options).map(option -> new Kind(format, option, "", true));
  }

  private static Stream<Kind> of(String format, String... options) {
    return Stream.of(options).map(option -> new Kind(format, option));
  }

  private static Stream<Kind> own(String format, String options, String... own) {
    return Stream.of(own).map(option -> new Kind(format, options, option, false));
  }

  /// Whether an image of this kind is only read once it is made.
  boolean readOnly() {
    return options.contains("streamOptimized");
  }

  /// Options for an image of a name that Platter makes, as arguments.
  List<Object> arguments(Path image) {
    return arguments(image, Stream.of(options, own));
  }

  private static List<Object> arguments(Path image, Stream<String> options) {
    return options
        .filter(option -> !option.isEmpty())
        .<Object>mapMulti((option, words) -> {
          words.accept("-o");
          words.accept(option.replace("DATA", image + ".data"));
        })
        .toList();
  }

  /// Has Platter copy a raw disk.
  void convert(Path raw, Path image) {
    Cli.succeed(words(arguments(image), raw, image));
  }

  /// Has `qemu-img` copy a raw disk.
  void convertByStranger(Path raw, Path image) throws IOException {
    Peer.Outcome outcome =
        Peer.named("qemu-img").run(words(arguments(image, Stream.of(options)), raw, image));
    // qemu-img 7.2 writes a compressed QCOW image that is in order, and fails then without a word
    boolean speechless = format.equals("qcow") && compressed && outcome.output().isEmpty();
    assertTrue(outcome.status() == 0 || speechless, outcome.output());
  }

  private Object[] words(List<Object> arguments, Path raw, Path image) {
    List<Object> words = new ArrayList<>(List.of("convert", "-f", "raw", "-O", format));
    words.addAll(arguments);
    if (compressed) {
      words.add("-c");
    }
    words.addAll(List.of(raw, image));
    return words.toArray();
  }

  /// Has Platter make an empty image.
  void create(Path image, long size) {
    List<Object> words = new ArrayList<>(List.of("create", "-q", "-f", format));
    words.addAll(arguments(image));
    words.addAll(List.of(image, size));
    Cli.succeed(words.toArray());
  }

  /// Has a stranger compare an image with a raw disk.
  void compareByStranger(Path image, Path raw) throws IOException {
    Peer.named("qemu-img").succeed("compare", "-f", format, "-F", "raw", image, raw);
  }

  /// Has Platter and the stranger say that nothing is wrong with an image, leaks included.
  void check(Path image) throws IOException {
    if (!format.equals("raw")) {
      Cli.succeed("check", "-f", format, image);
    }
    checkByStranger(image);
  }

  private void checkByStranger(Path image) throws IOException {
    if (CHECKED.contains(format)) {
      Peer.named("qemu-img").succeed("check", "-f", format, image);
    }
  }

  /// Has Platter and the stranger say that nothing is wrong with an image that the stranger made or
  /// changed, unless it is known to waste room in images of this kind.
  void checkForeign(Path image) throws IOException {
    if (!wasted()) {
      check(image);
      return;
    }
    int code = Cli.run("check", "-q", "-f", format, image).code();
    assertTrue(code == 0 || code == LEAKS, () -> this + ": " + code);
    checkByStranger(image);
  }

  /// Whether `qemu-img` 7.2 leaves room unused in images of this kind.
  private boolean wasted() {
    return switch (format) {
      // four MiB between the block allocation table and the first block
      case "vhdx" -> true;
      // the rest of a cluster between compressed clusters and a table
      case "qcow" -> compressed;
      // the rest of a stream's last grain; grains that became marks of zeros
      case "vmdk" -> readOnly() || toString().contains("zeroed_grain");
      default -> false;
    };
  }

  @Override
  public String toString() {
    return format + (compressed ? " -c " : " ") + options + (own.isEmpty() ? "" : " " + own);
  }
}
