package dev.platter.cli;

import dev.platter.image.ImageFormat;
import dev.platter.image.Option;
import dev.platter.image.Options;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a new image shall be, as `-f`/`-O` and `-o` say it.
final class NewImage {
  private final ImageFormat format;
  private final SequencedMap<String, String> given;
  private final Optional<Long> size;
  private final Optional<String> backing;
  private final Optional<String> backingFormat;

  /// Takes the options apart.
  ///
  /// @param texts the values of `-o`
  NewImage(ImageFormat format, List<String> texts) throws IOException {
    this.format = format;
    this.given = KeyValues.join(texts);
    this.size = Optional.ofNullable(given.remove("size")).map(Arguments::parseSize);
    this.backing = Optional.ofNullable(given.remove("backing_file"));
    this.backingFormat = Optional.ofNullable(given.remove("backing_fmt"));
    checkNames();
    UsageException.check(() -> Options.of(format, given));
  }

  private void checkNames() {
    List<String> names = new ArrayList<>(List.of("size", "backing_file", "backing_fmt"));
    format.options().forEach(option -> names.add(option.name()));
    for (String name : given.keySet()) {
      if (!names.contains(name)) {
        throw new UsageException(
            "format "
                + format.name()
                + " has no option '"
                + name
                + "'"
                + Nearest.suggestion(name, names)
                + " ('-o help' lists them)");
      }
    }
  }

  /// The format.
  ImageFormat format() {
    return format;
  }

  /// The format's own options.
  Map<String, String> given() {
    return given;
  }

  /// The format's own options, checked.
  Options options() {
    return Options.of(format, given);
  }

  /// The disk's size, if an option says it.
  Optional<Long> size() {
    return size;
  }

  /// The parent, if an option names it.
  Optional<String> backing() {
    return backing;
  }

  /// The parent's format, if an option says it.
  Optional<String> backingFormat() {
    return backingFormat;
  }

  /// The answer to `-o help`.
  static String help(ImageFormat format) {
    StringBuilder text = new StringBuilder(1000);
    text.append("Supported ").append(format.name()).append(" options:\n");
    row("size=<size>", "Virtual disk size", text);
    if (format.capabilities().contains(dev.platter.image.Capability.BACKING)) {
      row("backing_file=<str>", "File name of a base image", text);
      row("backing_fmt=<str>", "Image format of the base image", text);
    }
    for (Option option : format.options()) {
      row(option.name() + "=" + kind(option), documentation(option), text);
    }
    return text.toString();
  }

  private static void row(String name, String meaning, StringBuilder text) {
    text.append("  ").append(name).repeat(' ', Math.max(1, 28 - name.length()));
    text.append("- ").append(meaning).append('\n');
  }

  private static String kind(Option option) {
    return switch (option.kind()) {
      case SWITCH -> "<bool (on/off)>";
      case SIZE -> "<size>";
      case NUMBER -> "<num>";
      case TEXT -> "<str>";
      case CHOICE -> "<" + String.join("|", option.choices()) + ">";
    };
  }

  private static String documentation(Option option) {
    return option.fallback().isEmpty()
        ? option.documentation()
        : option.documentation() + " (default: " + option.fallback() + ")";
  }
}
