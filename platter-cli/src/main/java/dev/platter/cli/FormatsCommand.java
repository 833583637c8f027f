package dev.platter.cli;

import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.image.Option;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// `formats`: which formats there are and what each can do, as the code says it.
final class FormatsCommand implements Command {
  private static final int COLUMN = 14;

  @Override
  public void describe(Syntax syntax) {
    syntax.value("FORM", "human (the default) or json.", "--output");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    List<ImageFormat> formats = new Formats(BuiltInFormats.all()).all();
    console.print(arguments.json() ? json(formats) : table(formats));
    return ExitCode.OK;
  }

  private static String table(List<ImageFormat> formats) {
    StringBuilder text = new StringBuilder();
    cell("", text);
    formats.forEach(format -> cell(format.name(), text));
    text.append('\n');
    for (Capability capability : Capability.values()) {
      cell(word(capability), text);
      for (ImageFormat format : formats) {
        cell(format.capabilities().contains(capability) ? "yes" : "-", text);
      }
      text.append('\n');
    }
    text.append('\n');
    for (ImageFormat format : formats) {
      cell(format.name(), text);
      text.append(format.title()).append("; extensions");
      format.extensions().forEach(extension -> text.append(" .").append(extension));
      text.append('\n');
    }
    return text.toString();
  }

  private static void cell(String words, StringBuilder text) {
    text.append(words).repeat(' ', Math.max(1, COLUMN - words.length()));
  }

  private static String word(Capability capability) {
    return capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String json(List<ImageFormat> formats) {
    Json json = new Json().array();
    for (ImageFormat format : formats) {
      json.object()
          .member("name", format.name())
          .member("aliases", format.aliases())
          .member("title", format.title())
          .member("extensions", format.extensions())
          .member("capabilities", words(format.capabilities()));
      options("options", format.options(), json);
      options("open-options", format.openOptions(), json);
      json.endObject();
    }
    return json.endArray() + "\n";
  }

  private static void options(String name, List<Option> options, Json json) {
    json.key(name).array();
    for (Option option : options) {
      json.object()
          .member("name", option.name())
          .member("kind", option.kind().name().toLowerCase(Locale.ROOT))
          .member("default", option.fallback())
          .member("choices", option.choices())
          .member("description", option.documentation())
          .endObject();
    }
    json.endArray();
  }

  private static List<String> words(Set<Capability> capabilities) {
    List<String> words = new ArrayList<>();
    for (Capability capability : Capability.values()) {
      if (capabilities.contains(capability)) {
        words.add(word(capability));
      }
    }
    return words;
  }
}
