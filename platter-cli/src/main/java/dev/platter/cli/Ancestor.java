package dev.platter.cli;

import dev.platter.Chain;
import dev.platter.Chain.Fault;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ParentLink;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// An image of a chain, as `chain` shows it.
///
/// @param name the file
/// @param format the format's name
/// @param size bytes of the disk
/// @param allocated bytes of its files on their medium
/// @param identity which image it is
/// @param modification which state of it
/// @param parent what it says about its parent
/// @param problem what is wrong with the parent
record Ancestor(
    String name,
    String format,
    long size,
    long allocated,
    Optional<UUID> identity,
    Optional<UUID> modification,
    Optional<ParentLink> parent,
    Optional<Fault> problem) {

  /// The images of a chain, the top first.
  static List<Ancestor> of(Chain chain) throws IOException {
    List<Ancestor> all = new ArrayList<>();
    for (int depth = 0; depth < chain.size(); depth++) {
      all.add(of(chain, depth));
    }
    return all;
  }

  private static Ancestor of(Chain chain, int depth) throws IOException {
    Image image = chain.image(depth);
    long allocated = 0;
    for (Storage storage : image.storages()) {
      allocated += storage.allocated();
    }
    Optional<Identified> identified =
        image instanceof Identified known ? Optional.of(known) : Optional.empty();
    return new Ancestor(
        name(image.storages().getFirst()),
        chain.layers().get(depth).formatName(),
        image.size(),
        allocated,
        identified.map(Identified::identity),
        identified.flatMap(Identified::modification),
        image.parent(),
        chain.faults().stream().filter(fault -> fault.child() == depth).findFirst());
  }

  /// The same for all chains: a file below the working folder is named from there.
  private static String name(Storage storage) {
    if (storage.path().isEmpty()) {
      return storage.name();
    }
    Path path = storage.path().get().toAbsolutePath().normalize();
    Path here = Path.of("").toAbsolutePath();
    return (path.startsWith(here) ? here.relativize(path) : path).toString();
  }

  /// Whether the parent could not be opened.
  boolean isParentMissing() {
    return problem.isPresent() && problem.get().kind() == Fault.Kind.MISSING;
  }

  /// What the image calls its parent.
  String parentName() {
    return parent
        .flatMap(
            link -> link.names().stream().findFirst().or(() -> link.identity().map(UUID::toString)))
        .orElse("");
  }

  /// A word for the state of the parent.
  String parentState() {
    if (parent.isEmpty()) {
      return "none";
    }
    return problem
        .map(fault -> fault.kind() == Fault.Kind.MISSING ? "missing" : "mismatched")
        .orElse("ok");
  }
}
