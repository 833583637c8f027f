// SPDX-License-Identifier: Apache-2.0

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;

/// Lays out what `./platter` runs: `dist/<hash of the jars>/` with `platter.jar`, `lib/` and the
/// start-up cache (AOT cache), and `dist/current`, which names that folder and the JDK.
///
/// A JVM may run old classes out of a cache although the jar beside it has changed (JDK-8377932).
/// So jars are never changed here: other content is another folder, and a cache is only ever made
/// in the folder of the jars that it was made from.
final class Dist {
  private static final int KEPT = 2; // the newest, and the one that may still be running

  public static void main(String[] args) throws Exception {
    Path jar = Path.of(args[0]);
    Path dist = Path.of(args[1]);
    boolean skipCache = Boolean.parseBoolean(args[2]);
    Path commands = Path.of(args[3]);

    List<String> names = libraries(jar);
    Path folder = dist.resolve(hash(jar, names));
    if (!Files.isDirectory(folder)) {
      copy(jar, names, folder);
    }
    Path cache = folder.resolve(jvm() + ".aot");
    if (!skipCache && !Files.exists(cache) && has(jar, "dev/platter/cli/Train.class")) {
      train(folder, commands, cache);
    }
    publish(dist, folder);
    removeOld(dist, folder);
  }

  private static List<String> libraries(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      String path = file.getManifest().getMainAttributes().getValue("Class-Path");
      return path == null ? List.of() : List.of(path.strip().split(" +"));
    }
  }

  private static boolean has(Path jar, String entry) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return file.getEntry(entry) != null;
    }
  }

  private static String hash(Path jar, List<String> libraries)
      throws IOException, GeneralSecurityException {
    var digest = MessageDigest.getInstance("SHA-256");
    digest.update(Files.readAllBytes(jar));
    for (String library : libraries) {
      byte[] content = Files.readAllBytes(jar.resolveSibling(library));
      digest.update((library + '\0' + content.length + '\0').getBytes());
      digest.update(content);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 10);
  }

  private static void copy(Path jar, List<String> libraries, Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    Path unfinished = Files.createTempDirectory(folder.getParent(), ".unfinished");
    Files.copy(jar, unfinished.resolve("platter.jar"));
    for (String library : libraries) {
      Files.createDirectories(unfinished.resolve(library).getParent());
      Files.copy(jar.resolveSibling(library), unfinished.resolve(library));
    }
    unfinished.toFile().setReadable(true, false);
    unfinished.toFile().setExecutable(true, false);
    try {
      Files.move(unfinished, folder);
    } catch (IOException e) {
      delete(unfinished);
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  /// Which JVM a cache is for; the launcher puts the same words together.
  private static String jvm() throws IOException {
    var release = new Properties();
    try (var in = Files.newBufferedReader(Path.of(System.getProperty("java.home"), "release"))) {
      release.load(in);
    }
    String name =
        release.getProperty("IMPLEMENTOR") + '-' + release.getProperty("JAVA_RUNTIME_VERSION");
    return name.replace("\"", "").replace('/', '_');
  }

  private static void train(Path folder, Path commands, Path cache)
      throws IOException, InterruptedException {
    Path unfinished = folder.resolve("unfinished-" + ProcessHandle.current().pid() + ".aot");
    Path log = Files.createTempFile("platter", ".log");
    Path scratch = Files.createTempDirectory("platter");
    try {
      boolean made =
          java(
                  scratch,
                  log,
                  folder,
                  "-XX:AOTCacheOutput=" + unfinished,
                  // not compiled, for a cache that knows what was compiled has the JVM compile all
                  // of it at once in every run: a fifth more processor time for a short one
                  "-Xint",
                  "-cp",
                  folder.resolve("platter.jar").toString(),
                  "dev.platter.cli.Train",
                  commands.toString())
              && Files.exists(unfinished)
              && java(
                  scratch,
                  log,
                  folder,
                  "-XX:AOTCache=" + unfinished,
                  "-XX:AOTMode=on",
                  "-jar",
                  folder.resolve("platter.jar").toString(),
                  "--help");
      if (made) {
        Files.move(unfinished, cache, StandardCopyOption.ATOMIC_MOVE);
      } else {
        System.err.println("No start-up cache was made; the command works, but starts slower.");
        Files.readAllLines(log).stream().limit(40).forEach(System.err::println);
      }
    } finally {
      delete(scratch);
      Files.deleteIfExists(unfinished);
      Files.deleteIfExists(log);
    }
  }

  private static boolean java(Path scratch, Path log, Path folder, String... args)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xlog:disable", "-Xlog:all=warning:stderr"));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
            .directory(scratch.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor()
        == 0;
  }

  private static void publish(Path dist, Path folder) throws IOException {
    Path unfinished = Files.createTempFile(dist, ".current", "");
    Files.writeString(
        unfinished, folder.getFileName() + "\n" + System.getProperty("java.home") + "\n");
    unfinished.toFile().setReadable(true, false);
    Files.move(unfinished, dist.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
    Files.setLastModifiedTime(
        folder, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis()));
  }

  private static void removeOld(Path dist, Path current) throws IOException {
    List<Path> folders;
    try (var all = Files.list(dist)) {
      folders = all.filter(Files::isDirectory).filter(f -> !f.equals(current)).toList();
    }
    var newestFirst = Comparator.comparing((Path f) -> f.toFile().lastModified()).reversed();
    for (Path old : folders.stream().sorted(newestFirst).skip(KEPT - 1).toList()) {
      delete(old);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
