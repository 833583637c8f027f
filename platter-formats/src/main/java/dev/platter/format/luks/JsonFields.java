package dev.platter.format.luks;

import dev.platter.image.ImageException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Members of an object that must be there and be of a kind.
///
/// @param file the storage's name, for messages
/// @param path where the object is in the JSON
record JsonFields(String file, String path, Json.Members members) {

  private ImageException bad(String name, String expected) {
    return new ImageException.Corrupt(
        file, "the JSON of its header has no " + path + name + " that is " + expected);
  }

  /// The names of the members.
  List<String> names() {
    return List.copyOf(members.all().sequencedKeySet());
  }

  boolean has(String name) {
    return members.all().containsKey(name);
  }

  JsonFields object(String name) throws ImageException {
    if (members.all().get(name) instanceof Json.Members inner) {
      return new JsonFields(file, path + name + ".", inner);
    }
    throw bad(name, "an object");
  }

  String text(String name) throws ImageException {
    if (members.all().get(name) instanceof Json.Text(String value)) {
      return value;
    }
    throw bad(name, "a text");
  }

  Optional<String> optionalText(String name) throws ImageException {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /// A number from `least` to `most`, written as one or, as LUKS2 does with large ones, as a text.
  long number(String name, long least, long most) throws ImageException {
    String written =
        switch (members.all().get(name)) {
          case Json.Numeral(String value) -> value;
          case Json.Text(String value) -> value;
          case null, default -> throw bad(name, "a number");
        };
    try {
      long value = Long.parseLong(written);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw bad(name, "a number from " + least + " to " + most + " (it is '" + written + "')");
  }

  byte[] bytes(String name, int most) throws ImageException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text(name));
      if (bytes.length > 0 && bytes.length <= most) {
        return bytes;
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    throw bad(name, "1 to " + most + " bytes in base 64");
  }

  List<String> texts(String name) throws ImageException {
    List<String> texts = new ArrayList<>();
    if (!(members.all().get(name) instanceof Json.Values(List<Json> values))) {
      throw bad(name, "a list of texts");
    }
    for (Json value : values) {
      if (!(value instanceof Json.Text(String text))) {
        throw bad(name, "a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }
}
