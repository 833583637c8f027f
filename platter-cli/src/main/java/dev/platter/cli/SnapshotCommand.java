package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo.Snapshot;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Snapshots;
import dev.platter.io.Access;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// `snapshot`: lists, makes, applies and deletes the snapshots inside an image.
final class SnapshotCommand implements Command {
  private static final List<String> ACTIONS = List.of("-l", "-c", "-a", "-d");

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .flag("List the snapshots; so if nothing else is asked for.", "-l", "--list")
        .value("NAME", "Keep the disk as it is now under this name.", "-c", "--create")
        .value("NAME", "Make the disk what this snapshot has: an ID or a name.", "-a", "--apply")
        .value("NAME", "Delete this snapshot: a name or an ID.", "-d", "--delete")
        .value("FORM", "Of the list: human (the default) or json.", "--output")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .files("FILE", 1, 1, "The image.");
    Images.describe(syntax);
    syntax.notes(
        "A snapshot is inside the image and costs what is written after it. Applying one loses what",
        "the disk has now, unless another snapshot has it. What a machine had in its memory is left",
        "alone: only the disk goes back. No key is needed for an encrypted image.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    List<String> given = ACTIONS.stream().filter(arguments::has).toList();
    if (given.size() > 1) {
      throw new UsageException("Cannot mix '-l', '-a', '-c', '-d'");
    }
    String action = given.isEmpty() ? "-l" : given.getFirst();
    boolean wantJson = arguments.json();
    if (action.equals("-l")) {
      list(arguments, wantJson, console);
      return ExitCode.OK;
    }
    if (arguments.has("--output")) {
      throw new UsageException("--output is for the list of snapshots (-l)");
    }
    console.interruption().protect();
    String name = arguments.text(action).orElseThrow();
    try (Disk disk = open(arguments, Purpose.CHECK, Access.WRITE)) {
      Snapshots image = snapshots(disk);
      UsageException.check(() -> {
        perform(action, name, image, arguments.has("-q") ? Optional.empty() : Optional.of(console));
        return true;
      });
    }
    return ExitCode.OK;
  }

  private static Disk open(Arguments arguments, Purpose purpose, Access access) throws IOException {
    Images images = new Images(arguments);
    ImageName name = images.name(arguments.file());
    var options =
        images
            .options(name.format().or(() -> arguments.text("-f")))
            .access(access)
            .purpose(purpose)
            .withoutParents();
    return images.open(name, options);
  }

  private static Snapshots snapshots(Disk disk) throws IOException {
    if (disk.top() instanceof Snapshots snapshots) {
      return snapshots;
    }
    throw new UnsupportedException(
        disk.top()
            + ": the snapshots of an image of format "
            + disk.layers().getFirst().formatName()
            + " cannot be changed");
  }

  private static void list(Arguments arguments, boolean wantJson, Console console)
      throws IOException {
    try (Disk disk = open(arguments, Purpose.INFO, Access.READ)) {
      List<Snapshot> snapshots = disk.top().info().snapshots();
      if (wantJson) {
        Json json = new Json();
        InfoJson.snapshots(snapshots, json);
        console.print(json + "\n");
      } else if (!snapshots.isEmpty()) {
        console.print(InfoText.snapshotList(snapshots));
      }
    }
  }

  private static void perform(
      String action, String name, Snapshots image, Optional<Console> console) throws IOException {
    List<Snapshot> present = image.snapshots();
    switch (action) {
      case "-c" -> {
        try {
          image.createSnapshot(name, Clock.systemUTC().instant());
        } catch (ImageException.Unsupported e) {
          throw new UnsupportedException(
              "Could not create snapshot '" + name + "': " + e.getMessage());
        }
      }
      case "-a" -> {
        Snapshot snapshot =
            SnapshotChoice.byIdOrName(present, name)
                .orElseThrow(() -> missing(image, "apply", name));
        image.applySnapshot(snapshot.id());
        if (snapshot.vmStateSize() > 0 && console.isPresent()) {
          console
              .get()
              .complain("the disk was taken back; the snapshot's machine state is left alone");
        }
      }
      default ->
          image.deleteSnapshot(
              SnapshotChoice.byNameOrId(present, name)
                  .orElseThrow(() -> missing(image, "delete", name))
                  .id());
    }
  }

  private static IOException missing(Snapshots image, String verb, String name) {
    return new IOException(
        image + ": Could not " + verb + " snapshot '" + name + "': snapshot not found");
  }
}
