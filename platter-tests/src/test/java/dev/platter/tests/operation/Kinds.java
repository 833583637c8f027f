package dev.platter.tests.operation;

import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.testkit.Variant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Images of every format that can be in a chain, with units as small as they get, and how they can
/// stand on each other.
final class Kinds {
  private static final Formats FORMATS = new Formats(BuiltInFormats.all());

  private Kinds() {}

  private static Variant of(String format, String... options) {
    var given = new LinkedHashMap<String, String>();
    for (String option : options) {
      int equals = option.indexOf('=');
      given.put(option.substring(0, equals), option.substring(equals + 1));
    }
    return Variant.of(FORMATS.named(format), Map.copyOf(given));
  }

  /// What can be a base: every kind.
  static List<Variant> bases() {
    List<Variant> all = new ArrayList<>(children());
    all.add(of("raw"));
    all.add(of("vdi", "block_size=4096", "data_alignment=512", "static=on"));
    all.add(of("parallels", "cluster_size=1024"));
    all.add(of("vpc", "subformat=fixed"));
    all.add(of("vmdk", "subformat=monolithicFlat"));
    return all;
  }

  /// What can be a child.
  static List<Variant> children() {
    return List.of(
        of("vdi", "block_size=1024", "data_alignment=512"),
        of("qcow2", "cluster_size=512", "refcount_bits=1"),
        of("qcow2", "cluster_size=1024", "compat=0.10"),
        of("qcow2", "cluster_size=16384", "extended_l2=on"),
        of("qcow", "cluster_size=512", "table_size=512"),
        of("qed", "cluster_size=4096", "table_size=1"),
        of("vpc", "block_size=2048"),
        of("vmdk", "grain_size=4K"),
        of("vmdk", "grain_size=4K", "zeroed_grain=on"),
        of("vhdx", "block_size=1M"));
  }

  /// A child and its parent.
  record Pair(Variant child, Variant parent) {}

  /// Every pair that is possible.
  static Stream<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (Variant child : children()) {
      for (Variant parent : bases()) {
        if (fits(child, parent)) {
          pairs.add(new Pair(child, parent));
        }
      }
    }
    return pairs.stream();
  }

  /// Formats without identities take parents of any format; but QED and version 1 of QCOW cannot
  /// say which one it is, so that theirs are of the same.
  static boolean fits(Variant child, Variant parent) {
    boolean says = !List.of("qed", "qcow").contains(child.format().name());
    return child.accepts(parent) && (says || child.format().equals(parent.format()));
  }

  /// A file name that an image of a kind is found by.
  static String file(String name, Variant kind) {
    return name + "." + kind.format().extensions().getFirst();
  }
}
