package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.image.Keyed;
import dev.platter.image.Keyed.Effort;
import dev.platter.image.Keyed.KeySlot;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Secret;
import dev.platter.io.Access;
import java.io.IOException;
import java.util.Optional;

/// `key`: the keys of an encrypted image.
final class KeyCommand implements Command {
  private static final int LONGEST_GUESS = 60_000;

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("FILE", "The key to add: all of FILE, a line's end too.", "--new-key-file")
        .value("NAME", "The key to add, named by --object.", "--new-secret")
        .value("SLOT", "The key to remove.", "--slot")
        .value("MS", "How long one guess of the new key shall take; 2000.", "--iter-time")
        .value("FORM", "For list: human (the default) or json.", "--output")
        .files(
            "ACTION FILE",
            2,
            2,
            "list: show the slots that keys are in. add: lock the image with one more key. change:"
                + " put a new key in the place of the one given. remove: wipe a slot. All but list"
                + " need a key of the image (--key-file or --object).");
    Images.describe(syntax);
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    String action = arguments.files().getFirst();
    ImageName name = images.name(arguments.files().get(1));
    DiskOptions options =
        images.options(name.format().or(() -> arguments.text("-f"))).withoutParents();
    return switch (action) {
      case "list" -> {
        boolean json = arguments.json();
        try (Disk disk = images.open(name, options.purpose(Purpose.INFO))) {
          list(keyed(disk, name), json, console);
        }
        yield ExitCode.OK;
      }
      case "add", "change", "remove" -> {
        try (Disk disk = images.open(name, options.access(Access.WRITE))) {
          perform(action, keyed(disk, name), images, arguments, console);
        }
        yield ExitCode.OK;
      }
      default ->
          throw new UsageException(
              "key " + action + ": expected 'list', 'add', 'change' or 'remove'");
    };
  }

  private static Keyed keyed(Disk disk, ImageName name) throws IOException {
    if (disk.top() instanceof Keyed keyed && !keyed.keySlots().isEmpty()) {
      return keyed;
    }
    throw new UnsupportedException(name.path() + ": has no keys");
  }

  private static void list(Keyed keyed, boolean wantJson, Console console) throws IOException {
    if (!wantJson) {
      for (KeySlot slot : keyed.keySlots()) {
        if (slot.used()) {
          console.line(slot.number() + ": " + slot.derivation());
        }
      }
      return;
    }
    Json json = new Json().array();
    for (KeySlot slot : keyed.keySlots()) {
      json.object()
          .member("slot", slot.number())
          .member("used", slot.used())
          .member("derivation", slot.derivation())
          .endObject();
    }
    console.print(json.endArray() + "\n");
  }

  private static void perform(
      String action, Keyed keyed, Images images, Arguments arguments, Console console)
      throws IOException {
    Optional<Integer> slot = arguments.number("--slot", 0, 31);
    if (action.equals("remove")) {
      keyed.removeKey(slot.orElseThrow(() -> new UsageException("key remove: needs --slot SLOT")));
      return;
    }
    if (slot.isPresent()) {
      throw new UsageException("--slot is for 'key remove'");
    }
    Effort effort =
        arguments.number("--iter-time", 1, LONGEST_GUESS).map(Effort::new).orElse(Effort.usual());
    try (Secret added = added(images, arguments)) {
      int number = keyed.addKey(added, effort);
      if (action.equals("change")) {
        // only now that the new one is durable
        keyed.removeKey(keyed.openedSlot().orElseThrow());
      }
      console.line("the new key is in slot " + number);
    }
  }

  private static Secret added(Images images, Arguments arguments) throws IOException {
    Optional<String> file = arguments.text("--new-key-file");
    Optional<String> object = arguments.text("--new-secret");
    if (file.isPresent() == object.isPresent()) {
      throw new UsageException("the new key is said by --new-key-file or by --new-secret");
    }
    if (file.isPresent()) {
      return KeyFiles.ofFile(file.get());
    }
    return images
        .secrets()
        .named(object.get())
        .orElseThrow(() ->
            new UsageException(
                "there is no secret '" + object.get() + "'; name it with --object secret"));
  }
}
