package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.ImageFormat;
import dev.platter.image.Options;
import dev.platter.image.Reach;
import dev.platter.image.Secrets;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Opens what the user names, as the options that all verbs share say it.
final class Images {
  private final Arguments arguments;
  private final KeyFiles keys;
  private final Formats formats = new Formats(BuiltInFormats.all());
  private final Disks disks = new Disks(formats);

  Images(Arguments arguments) {
    this.arguments = arguments;
    this.keys = new KeyFiles(arguments);
  }

  /// The options that all verbs share.
  static void describe(Syntax syntax) {
    syntax
        .flag(
            "Look at images that are in use: take no locks. What is shown may be torn.",
            "-U",
            "--force-share")
        .flag("Take each FILE for a description: driver=FORMAT,file.filename=FILE.", "--image-opts")
        .values(
            "FOLDER",
            "Also open files in FOLDER (or this file or device) that an image names.",
            "--allow")
        .flag("Open any file that an image names.", "--allow-any-reference")
        .values(
            "FILE",
            "A file that may be a parent, for images that know theirs by UUID alone.",
            "--parent");
    KeyFiles.describe(syntax);
  }

  /// The format of images that are opened.
  static void describeFormat(Syntax syntax) {
    syntax.value(
        "FORMAT", "The format of FILE; found out by its content if not given.", "-f", "--format");
  }

  /// All formats.
  Formats formats() {
    return formats;
  }

  /// The keys that the user gave.
  Secrets secrets() {
    return keys;
  }

  /// Opens disks.
  Disks disks() {
    return disks;
  }

  /// The format of a name.
  ImageFormat format(String name) {
    try {
      return formats.named(name);
    } catch (IllegalArgumentException e) {
      List<String> names = new ArrayList<>();
      for (ImageFormat format : formats.all()) {
        names.add(format.name());
        names.addAll(format.aliases());
      }
      throw new UsageException(
          "there is no format '"
              + name
              + "'"
              + Nearest.suggestion(name, names)
              + " ('platter formats' lists them)",
          e);
    }
  }

  /// What the user named.
  ImageName name(String written) {
    if (!arguments.has("--image-opts")) {
      return ImageName.of(written);
    }
    ImageName name = ImageName.ofDescription(written);
    if (name.format().isPresent()) {
      ImageFormat format = format(name.format().get());
      try {
        Options.opening(format, name.settings());
      } catch (IllegalArgumentException e) {
        throw new UsageException("--image-opts: " + e.getMessage(), e);
      }
    }
    return name;
  }

  /// How images are opened for reading.
  ///
  /// @param format the format that was given
  DiskOptions options(Optional<String> format) {
    format.ifPresent(this::format);
    Sharing sharing = arguments.has("-U") ? Sharing.UNLOCKED : Sharing.LOCKED;
    return DiskOptions.standard()
        .format(format)
        .reach(reach(sharing))
        .candidates(paths("--parent"))
        .secrets(keys)
        .sharing(sharing);
  }

  /// Names inside images that may be followed.
  private Reach reach(Sharing sharing) {
    return arguments.has("--allow-any-reference")
        ? Reach.anything(sharing)
        : Reach.sameFolder(paths("--allow"), sharing);
  }

  private List<Path> paths(String option) {
    List<Path> paths = new ArrayList<>();
    for (String text : arguments.all(option)) {
      paths.add(ImageName.of(text).path());
    }
    return paths;
  }

  /// The format of the parent of a new image, if nobody said it.
  ///
  /// @param written as the user named it
  String parentFormat(Path parent, String written) throws IOException {
    Sharing sharing = arguments.has("-U") ? Sharing.UNLOCKED : Sharing.LOCKED;
    try (Storage storage = FileStorage.open(existing(parent, disks), Access.READ, sharing)) {
      ImageFormat shown = formats.probe(storage);
      if (Formats.isBelievable(shown, written)) {
        return shown.name();
      }
      throw new UsageException(
          "the backing file '"
              + written
              + "' looks like "
              + shown.name()
              + " and is not named so, and a guest can write what looks like it; say its format"
              + " with -F FORMAT");
    }
  }

  /// Opens an image, for data and with its parents.
  ///
  /// @param written as the user named it
  /// @param format as the user gave it
  Disk open(String written, Optional<String> format, Access access) throws IOException {
    ImageName name = name(written);
    return open(name, options(name.format().or(() -> format)).access(access));
  }

  /// Opens an image.
  Disk open(ImageName name, DiskOptions options) throws IOException {
    if (options.access().writes() && options.sharing() == Sharing.UNLOCKED) {
      throw new UsageException("-U is only for reading: it takes no locks");
    }
    return disks.open(existing(name.path(), disks), keyed(name, options).settings(name.settings()));
  }

  /// The same options with the key that a name names.
  DiskOptions keyed(ImageName name, DiskOptions options) {
    return name.key().map(keys::first).map(options::secrets).orElse(options);
  }

  /// The file that a path leads to: it is there and is a file or a device.
  static Path existing(Path path, Disks disks) throws IOException {
    Path file = disks.formats().file(path);
    if (Files.isDirectory(file)) {
      throw new IOException(path + ": is a folder, not an image");
    }
    if (!Files.exists(file)) {
      throw new NoSuchFileException(path.toString());
    }
    return file;
  }
}
