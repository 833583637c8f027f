package dev.platter;

import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/// The formats there are, in the order in which they are probed.
public final class Formats {
  private final List<ImageFormat> formats = new ArrayList<>();
  private final Map<String, ImageFormat> byName = new LinkedHashMap<>();

  /// A set of formats.
  ///
  /// @throws IllegalStateException if two have the same name, or one was made for another interface
  public Formats(Iterable<ImageFormat> found) {
    for (ImageFormat format : found) {
      if (format.spiVersion() != ImageFormat.SPI_VERSION) {
        throw new IllegalStateException(
            format.name() + " was made for version " + format.spiVersion() + " of the interface");
      }
      formats.add(format);
      register(format.name(), format);
      format.aliases().forEach(alias -> register(alias, format));
    }
  }

  /// Every format that is installed as a service.
  public static Formats installed() {
    return new Formats(ServiceLoader.load(ImageFormat.class));
  }

  private void register(String name, ImageFormat format) {
    if (byName.putIfAbsent(name, format) != null) {
      throw new IllegalStateException("two formats are named " + name);
    }
  }

  /// All formats, in probing order.
  public List<ImageFormat> all() {
    return List.copyOf(formats);
  }

  /// Whether there is a format of a name or alias.
  public boolean has(String name) {
    return byName.containsKey(name);
  }

  /// The format of a name or alias.
  ///
  /// @throws IllegalArgumentException if there is none
  public ImageFormat named(String name) {
    ImageFormat format = byName.get(name);
    if (format == null) {
      throw new IllegalArgumentException(
          "there is no format '"
              + name
              + "', only "
              + formats.stream().map(ImageFormat::name).toList());
    }
    return format;
  }

  /// The file to open for a path: the path itself, or the file that an image is opened by if the
  /// path is a folder in which a format keeps one.
  public Path file(Path path) {
    if (Files.isDirectory(path)) {
      for (ImageFormat format : formats) {
        Optional<Path> file = format.folderFile().map(path::resolve);
        if (file.isPresent() && Files.isRegularFile(file.get(), LinkOption.NOFOLLOW_LINKS)) {
          return file.get();
        }
      }
    }
    return path;
  }

  /// Whether a parent whose format nobody says is what its content shows. A guest can write the
  /// header of any format into a raw disk, but not name the file: what is not raw must be named as
  /// images of its format are.
  ///
  /// @param shown what the content shows
  /// @param name the file's name, with or without folders
  public static boolean isBelievable(ImageFormat shown, String name) {
    String file = name.toLowerCase(Locale.ROOT);
    return shown.name().equals("raw")
        || shown.extensions().stream().anyMatch(extension -> file.endsWith("." + extension));
  }

  /// The format that a storage's content shows; `raw` if nothing shows.
  ///
  /// @throws ImageException.Unrecognized if two formats claim it
  /// @throws ImageException.Corrupt if it was meant to be an image of some format but is broken
  public ImageFormat probe(Storage storage) throws IOException {
    Optional<ImageFormat> mine = Optional.empty();
    Optional<ImageException.Corrupt> broken = Optional.empty();
    for (ImageFormat format : formats) {
      ImageFormat.Probe answer = format.probe(storage);
      // not a switch on types: the first of a run takes milliseconds
      if (answer instanceof ImageFormat.Probe.Mine) {
        if (mine.isPresent()) {
          throw new ImageException.Unrecognized(
              storage.name(),
              "could be "
                  + mine.get().name()
                  + " or "
                  + format.name()
                  + "; say which with the format option (-f)");
        }
        mine = Optional.of(format);
      } else if (answer instanceof ImageFormat.Probe.Broken wrong && broken.isEmpty()) {
        broken =
            Optional.of(
                new ImageException.Corrupt(
                    storage.name(), "is a broken " + format.name() + " image: " + wrong.why()));
      }
    }
    if (mine.isEmpty() && broken.isPresent()) {
      throw broken.get();
    }
    return mine.orElseGet(() -> named("raw"));
  }
}
