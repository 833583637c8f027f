package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.OpenContext.Purpose;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A snapshot as the user names it: an ID or a name, or `snapshot.id=ID,snapshot.name=NAME`.
final class SnapshotChoice {
  private static final String ID = "snapshot.id";
  private static final String NAME = "snapshot.name";

  private SnapshotChoice() {}

  /// The snapshot with an ID, or else the first with a name.
  static Optional<Snapshot> byIdOrName(List<Snapshot> snapshots, String wanted) {
    return first(snapshots, s -> s.id().equals(wanted))
        .or(() -> first(snapshots, s -> s.name().equals(wanted)));
  }

  /// The first snapshot with a name, or else the one with an ID.
  static Optional<Snapshot> byNameOrId(List<Snapshot> snapshots, String wanted) {
    return first(snapshots, s -> s.name().equals(wanted))
        .or(() -> first(snapshots, s -> s.id().equals(wanted)));
  }

  private static Optional<Snapshot> first(List<Snapshot> snapshots, Predicate<Snapshot> fits) {
    return snapshots.stream().filter(fits).findFirst();
  }

  /// The name of an image's snapshot, to be opened in the place of the image.
  ///
  /// @param written the image as the user named it
  /// @param format as the user gave it
  /// @param choice the snapshot as the user named it
  static ImageName in(Images images, String written, Optional<String> format, String choice)
      throws IOException {
    ImageName name = images.name(written);
    var options =
        images.options(name.format().or(() -> format)).purpose(Purpose.INFO).withoutParents();
    try (Disk disk = images.open(name, options)) {
      String found = disk.layers().getFirst().formatName();
      boolean opens =
          images.format(found).openOptions().stream().anyMatch(o -> o.name().equals(ID));
      if (!opens) {
        throw new UnsupportedException(
            name.path() + ": no snapshot can be read from an image of format " + found);
      }
      Snapshot snapshot =
          find(disk.top().info().snapshots(), choice)
              .orElseThrow(() ->
                  new IOException(
                      name.path()
                          + ": Failed to load snapshot: Can't find snapshot '"
                          + choice
                          + "'"));
      return new ImageName(name.path(), Optional.of(found), name.key(), Map.of(ID, snapshot.id()));
    }
  }

  private static Optional<Snapshot> find(List<Snapshot> snapshots, String choice) {
    if (!choice.startsWith(ID + "=") && !choice.startsWith(NAME + "=")) {
      return byIdOrName(snapshots, choice);
    }
    Predicate<Snapshot> fits = _ -> true;
    for (String[] pair : KeyValues.split(choice)) {
      String value = pair[1];
      fits =
          switch (pair[0]) {
            case ID -> fits.and(s -> s.id().equals(value));
            case NAME -> fits.and(s -> s.name().equals(value));
            default ->
                throw new UsageException(
                    "-l " + choice + ": expected snapshot.id=ID and snapshot.name=NAME");
          };
    }
    return first(snapshots, fits);
  }
}
