package dev.platter.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What the user wrote to name an image.
///
/// @param path the file
/// @param format the format, where the name says it (`--image-opts`)
/// @param key the name of the key's object, likewise
/// @param settings options that the format takes for opening
record ImageName(
    Path path, Optional<String> format, Optional<String> key, Map<String, String> settings) {
  private static final List<String> PROTOCOLS =
      List.of(
          "nbd",
          "nbds",
          "nbd+unix",
          "nbd+tcp",
          "http",
          "https",
          "ftp",
          "ftps",
          "iscsi",
          "iser",
          "ssh",
          "nfs",
          "rbd",
          "gluster",
          "fat",
          "blkdebug",
          "blkverify",
          "null-co",
          "null-aio",
          "host_device");

  /// A file without a key.
  ImageName(Path path, Optional<String> format) {
    this(path, format, Optional.empty(), Map.of());
  }

  /// The file of a plain name.
  static ImageName of(String name) {
    if (name.isEmpty()) {
      throw new UsageException("a file name is empty");
    }
    if (name.startsWith("json:")) {
      throw new UsageException(
          "'" + name + "': names in JSON are not understood; name the file, with -f FORMAT");
    }
    return new ImageName(path(withoutPrefix(name)), Optional.empty());
  }

  private static String withoutPrefix(String name) {
    int colon = name.indexOf(':');
    if (colon <= 0 || name.lastIndexOf('/', colon) >= 0 || Files.exists(path(name))) {
      return name;
    }
    String protocol = name.substring(0, colon);
    if (protocol.equals("file")) {
      return name.startsWith("file:///") ? name.substring(7) : name.substring(5);
    }
    if (PROTOCOLS.contains(protocol)) {
      throw new UsageException(
          "'" + name + "': images behind '" + protocol + ":' cannot be opened, only files");
    }
    return name;
  }

  /// The file of a description such as `driver=qcow2,file.filename=disk.qcow2`.
  static ImageName ofDescription(String description) {
    Optional<String> format = Optional.empty();
    Optional<String> file = Optional.empty();
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    Optional<String> key = Optional.empty();
    for (String[] pair : KeyValues.split(description)) {
      switch (pair[0]) {
        case "driver", "format" -> format = Optional.of(pair[1]);
        case "file.filename", "filename" -> file = Optional.of(pair[1]);
        case "encrypt.key-secret", "key-secret" -> key = Optional.of(pair[1]);
        case "encrypt.format" -> {
          // the image says it too
        }
        case "file.driver" -> {
          if (!pair[1].equals("file") && !pair[1].equals("host_device")) {
            throw new UsageException(
                "--image-opts file.driver=" + pair[1] + ": only files can be opened");
          }
        }
        default -> settings.put(pair[0], pair[1]);
      }
    }
    if (format.isEmpty() && !settings.isEmpty()) {
      throw new UsageException(
          "--image-opts "
              + settings.firstEntry().getKey()
              + ": without driver only file.driver, file.filename and encrypt.key-secret are"
              + " understood");
    }
    if (format.equals(Optional.of("file"))) {
      format = Optional.of("raw");
    }
    String name =
        file.orElseThrow(
            () -> new UsageException("--image-opts '" + description + "' has no file.filename"));
    return new ImageName(path(name), format, key, settings);
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException("'" + name + "' is not a file name: " + e.getReason(), e);
    }
  }
}
