package dev.platter.tests.suite;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The files of the checkout that people write.
final class SourceTree {
  private static final Set<String> SKIPPED = Set.of("target", ".git", ".idea", "node_modules");
  private static final Set<String> ENDINGS =
      Set.of("java", "md", "xml", "properties", "sh", "yml", "json", "txt", "");

  private SourceTree() {}

  /// The folder of the checkout.
  static Path home() {
    String given = System.getProperty("platter.home");
    Path folder = Path.of(given == null ? "" : given).toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("platter-core"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("not started inside the checkout");
      }
    }
    return folder;
  }

  /// Every text file.
  static List<Path> texts() throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        home(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            int dot = name.lastIndexOf('.');
            boolean text = ENDINGS.contains(dot <= 0 ? "" : name.substring(dot + 1));
            if (text && attributes.isRegularFile() && attributes.size() < 1 << 20) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /// Every Java source.
  static List<Path> javaSources() throws IOException {
    return texts().stream().filter(file -> file.toString().endsWith(".java")).toList();
  }
}
