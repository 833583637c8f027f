package dev.platter.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Texts such as `cluster_size=64k,compat=1.1`, where two commas stand for one in a value.
final class KeyValues {
  private KeyValues() {}

  /// Takes a text apart, in order; a key without a value is on.
  static List<String[]> split(String text) {
    List<String[]> pairs = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int at = 0; at <= text.length(); at++) {
      boolean comma = at < text.length() && text.charAt(at) == ',';
      if (comma && at + 1 < text.length() && text.charAt(at + 1) == ',') {
        part.append(',');
        at++;
      } else if (comma || at == text.length()) {
        pairs.add(pair(part.toString(), text));
        part.setLength(0);
      } else {
        part.append(text.charAt(at));
      }
    }
    return pairs;
  }

  private static String[] pair(String part, String whole) {
    int equals = part.indexOf('=');
    String key = equals < 0 ? part : part.substring(0, equals);
    if (key.isEmpty()) {
      throw new UsageException("'" + whole + "': expected name=value, separated by commas");
    }
    return new String[] {key, equals < 0 ? "on" : part.substring(equals + 1)};
  }

  /// All pairs of several texts; the last value of a key counts.
  static SequencedMap<String, String> join(List<String> texts) {
    SequencedMap<String, String> all = new LinkedHashMap<>();
    for (String text : texts) {
      for (String[] pair : split(text)) {
        all.put(pair[0], pair[1]);
      }
    }
    return all;
  }

  /// Whether one of the texts asks for help instead.
  static boolean wantHelp(List<String> texts) {
    for (String text : texts) {
      for (String part : text.split(",", -1)) {
        if (part.equals("help") || part.equals("?")) {
          return true;
        }
      }
    }
    return false;
  }
}
