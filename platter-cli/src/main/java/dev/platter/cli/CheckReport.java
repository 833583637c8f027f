package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.operation.Check;

/// What a check says in the end, in the words of `qemu-img check`.
final class CheckReport {
  private CheckReport() {}

  /// For people.
  static String text(Check.Result result) {
    StringBuilder text = new StringBuilder();
    if (result.clean()) {
      text.append("No errors were found on the image.\n");
    }
    if (result.corruptions() > 0) {
      text.append('\n').append(result.corruptions()).append(" errors were found on the image.\n");
      text.append("Data may be corrupted, or further writes to the image may corrupt it.\n");
    }
    if (result.leaks() > 0) {
      text.append('\n')
          .append(result.leaks())
          .append(" leaked clusters were found on the image.\n");
      text.append("This means waste of disk space, but no harm to data.\n");
    }
    if (result.errors() > 0) {
      text.append('\n').append(result.errors());
      text.append(" internal errors have occurred during the check.\n");
    }
    if (result.totalUnits() > 0 && result.allocatedUnits() > 0) {
      counts(result, text);
    }
    result.imageEnd().ifPresent(end -> text.append("Image end offset: ").append(end).append('\n'));
    return text.toString();
  }

  private static void counts(Check.Result result, StringBuilder text) {
    text.append(result.allocatedUnits()).append('/').append(result.totalUnits()).append(" = ");
    percent(result.allocatedUnits(), result.totalUnits(), text).append("% allocated, ");
    percent(result.fragmentedUnits(), result.allocatedUnits(), text).append("% fragmented, ");
    percent(result.compressedUnits(), result.allocatedUnits(), text)
        .append("% compressed clusters\n");
  }

  private static StringBuilder percent(long part, long whole, StringBuilder text) {
    long hundredths = Math.round(10_000.0 * part / whole);
    long fraction = hundredths % 100;
    return text.append(hundredths / 100).append(fraction < 10 ? ".0" : ".").append(fraction);
  }

  /// What was repaired.
  static String repairs(Check.Repaired done) {
    return "The following inconsistencies were found and repaired:\n\n    "
        + fixed(done.before().leaks(), done.after().leaks())
        + " leaked clusters\n    "
        + fixed(done.before().corruptions(), done.after().corruptions())
        + " corruptions\n\nDouble checking the fixed image now...\n";
  }

  private static long fixed(long before, long after) {
    return Math.max(0, before - after);
  }

  /// For programs.
  static String json(String name, Disk disk, Check.Repaired done) {
    Check.Result result = done.after();
    Json json = new Json().object();
    result.imageEnd().ifPresent(end -> json.member("image-end-offset", end));
    if (result.totalUnits() > 0) {
      json.member("total-clusters", result.totalUnits());
    }
    json.member("check-errors", result.errors());
    member("corruptions", result.corruptions(), json);
    member("leaks", result.leaks(), json);
    member("corruptions-fixed", fixed(done.before().corruptions(), result.corruptions()), json);
    member("leaks-fixed", fixed(done.before().leaks(), result.leaks()), json);
    member("allocated-clusters", result.allocatedUnits(), json);
    member("fragmented-clusters", result.fragmentedUnits(), json);
    member("compressed-clusters", result.compressedUnits(), json);
    json.member("filename", name);
    json.member("format", disk.layers().getFirst().formatName());
    return json.endObject() + "\n";
  }

  private static void member(String name, long value, Json json) {
    if (value > 0) {
      json.member(name, value);
    }
  }
}
