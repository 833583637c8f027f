// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.zip.ZipFile;

/// What `mvnw` needs Java for: `download <address> <file>` and `unpack <file> <sha512> <folder>`.
final class MavenDistribution {
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "download" -> download(URI.create(args[1]), Path.of(args[2]));
      case "unpack" -> unpack(Path.of(args[1]), args[2], Path.of(args[3]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void download(URI from, Path file) throws IOException, InterruptedException {
    try (var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      var request = HttpRequest.newBuilder(from).build();
      var response = client.send(request, HttpResponse.BodyHandlers.ofFile(file));
      if (response.statusCode() != 200) {
        throw new IOException(from + " answers " + response.statusCode());
      }
    }
  }

  /// Unpacks beside `folder` and renames at the end, so that nobody ever sees half of it.
  private static void unpack(Path file, String sha512, Path folder)
      throws IOException, GeneralSecurityException {
    var digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(file));
    if (!HexFormat.of().formatHex(digest).equalsIgnoreCase(sha512)) {
      throw new IOException(file + " has not the SHA-512 that maven-wrapper.properties names");
    }
    Files.createDirectories(folder.getParent());
    Path unfinished = Files.createTempDirectory(folder.getParent(), ".unfinished");
    try (var zip = new ZipFile(file.toFile())) {
      for (var entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
        var name = Path.of(entry.getName());
        Path target = unfinished.resolve(name.subpath(1, name.getNameCount())).normalize();
        if (!target.startsWith(unfinished)) {
          throw new IOException("entry outside of the archive's folder: " + name);
        }
        Files.createDirectories(target.getParent());
        try (var in = zip.getInputStream(entry)) {
          Files.copy(in, target);
        }
      }
    }
    unfinished.resolve("bin/mvn").toFile().setExecutable(true, false);
    try {
      Files.move(unfinished, folder);
    } catch (IOException e) {
      if (!Files.isRegularFile(folder.resolve("bin/mvn"))) {
        throw e;
      }
      delete(unfinished); // another build was first
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
