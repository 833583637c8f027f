package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.io.Access;
import dev.platter.operation.Hash;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// `hash`: digests of what images hold, the same for every format.
final class HashCommand implements Command {
  private static final List<String> ALGORITHMS =
      List.of("sha256", "sha1", "sha224", "sha384", "sha512", "sha3-256", "sha3-512", "md5");

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("NAME", "The digest; sha256 if not given.", "-a", "--algorithm")
        .flag(
            "A digest of digests of each megabyte, on all cores; not that of the plain bytes.",
            "--tree")
        .value("FORM", "human (the default) or json.", "--output")
        .value("N", "How many threads read; one a core if not given.", "-m", "--parallel")
        .flag("Print nothing but the digests and errors.", "-q", "--quiet")
        .files("FILE", 1, Integer.MAX_VALUE, "Images.");
    ProgressBar.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "A line is that of sha256sum on the raw disk. Digests: " + String.join(", ", ALGORITHMS),
        "(also as SHA-256). --tree is the tree hash of Amazon's archives, with sha256.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    String name = algorithm(arguments.text("-a").orElse("sha256"));
    Hash.Shape shape = arguments.has("--tree") ? Hash.Shape.TREE : Hash.Shape.PLAIN;
    int threads = arguments.number("-m", 1, 256).orElse(Runtime.getRuntime().availableProcessors());
    boolean wantJson = arguments.json();
    Json json = new Json();
    if (wantJson) {
      json.array();
    }
    for (String file : arguments.files()) {
      try (Disk disk = images.open(file, arguments.text("-f"), Access.READ)) {
        ProgressBar progress = ProgressBar.of(arguments, console, true);
        byte[] digest = new Hash(disk, javaName(name), shape, threads, progress).run();
        progress.done();
        String hex = HexFormat.of().formatHex(digest);
        if (wantJson) {
          json.object().member("filename", file).member("virtual-size", disk.size());
          json.member("algorithm", name).member("tree", arguments.has("--tree"));
          json.member("digest", hex).endObject();
        } else {
          console.line(hex + "  " + file);
          console.flush();
        }
      }
    }
    if (wantJson) {
      console.print(json.endArray() + "\n");
    }
    return ExitCode.OK;
  }

  private static String algorithm(String given) {
    String name = given.toLowerCase(Locale.ROOT);
    if (name.startsWith("sha-")) {
      name = "sha" + name.substring(4);
    }
    if (!ALGORITHMS.contains(name)) {
      throw new UsageException(
          "-a "
              + given
              + ": there is no such digest"
              + Nearest.suggestion(name, ALGORITHMS)
              + " ('platter help hash' lists them)");
    }
    return name;
  }

  /// As the JDK calls it.
  private static String javaName(String name) {
    return switch (name) {
      case "md5" -> "MD5";
      case "sha3-256" -> "SHA3-256";
      case "sha3-512" -> "SHA3-512";
      default -> "SHA-" + name.substring(3);
    };
  }
}
