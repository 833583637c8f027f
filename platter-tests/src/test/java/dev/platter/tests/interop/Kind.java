package dev.platter.tests.interop;

import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A kind of image that both Platter and `qemu-img` make.
///
/// @param format its name for both
/// @param options of `-o`; `DATA` stands for the path of a data file
/// @param compressed made with `-c`
record Kind(String format, String options, boolean compressed) {

  /// Every kind of the slice.
  static Stream<Kind> all() {
    return Stream.of(
            qcow2(
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
                "preallocation=metadata,extended_l2=on"),
            packed(
                "compression_type=zlib",
                "compression_type=zstd",
                "compat=0.10",
                "cluster_size=512",
                "cluster_size=2M,compression_type=zstd",
                "extended_l2=on"),
            of("vdi", "", "static=on"),
            of("vpc", "force_size=on", "subformat=fixed,force_size=on"),
            of("raw", "", "preallocation=full"))
        .flatMap(kinds -> kinds);
  }

  private static Stream<Kind> qcow2(String... options) {
    return of("qcow2", options);
  }

  private static Stream<Kind> packed(String... options) {
    return Stream.of(options).map(option -> new Kind("qcow2", option, true));
  }

  private static Stream<Kind> of(String format, String... options) {
    return Stream.of(options).map(option -> new Kind(format, option, false));
  }

  /// Whether all room of the disk is taken from the start.
  boolean full() {
    return options.contains("static") || options.contains("fixed") || options.contains("alloc");
  }

  /// Whether `qemu-img check` knows the format.
  boolean checked() {
    return format.equals("qcow2") || format.equals("vdi");
  }

  /// Options for an image of a name, as arguments.
  List<Object> arguments(Path image) {
    List<Object> arguments = new ArrayList<>();
    if (!options.isEmpty()) {
      arguments.add("-o");
      arguments.add(options.replace("DATA", image + ".data"));
    }
    return arguments;
  }

  /// Has Platter copy a raw disk.
  void convert(Path raw, Path image) {
    List<Object> words = new ArrayList<>(List.of("convert", "-f", "raw", "-O", format));
    words.addAll(arguments(image));
    if (compressed) {
      words.add("-c");
    }
    words.addAll(List.of(raw, image));
    Cli.succeed(words.toArray());
  }

  /// Has `qemu-img` copy a raw disk.
  void convertByStranger(Path raw, Path image) throws IOException {
    List<Object> words = new ArrayList<>(List.of("convert", "-f", "raw", "-O", format));
    words.addAll(arguments(image));
    if (compressed) {
      words.add("-c");
    }
    words.addAll(List.of(raw, image));
    Peer.named("qemu-img").succeed(words.toArray());
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
    if (checked()) {
      Peer.named("qemu-img").succeed("check", "-f", format, image);
    }
  }

  @Override
  public String toString() {
    return format + (compressed ? " -c " : " ") + options;
  }
}
