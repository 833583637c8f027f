package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.io.Access;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// `set`: changes what an image says about itself, all of it or nothing.
final class SetCommand implements Command {
  private static final String GEOMETRY = "1024/16/63";

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("UUID", "The image's UUID, or 'new'.", "--uuid")
        .value("UUID", "The UUID of the image's state, or 'new'.", "--modification-uuid")
        .value("UUID", "The UUID that the parent has.", "--parent-uuid")
        .flag("There is no UUID of a parent.", "--zero-parent-uuid")
        .value("UUID", "The UUID of the parent's state.", "--parent-modification-uuid")
        .value("TEXT", "The comment; an empty one takes it away.", "--comment")
        .value("C/H/S", "The drive's geometry, or 'none'.", "--geometry")
        .value("C/H/S", "The BIOS geometry, or 'none'.", "--logical-geometry")
        .value("FILE", "Another parent; its content is not looked at.", "-b", "--backing")
        .value("FORMAT", "The format of the parent.", "-F", "-B", "--backing-format")
        .flag("Write the parent's name only, do not open it.", "-u", "--backing-unsafe")
        .flag("No parent: what the image does not store reads as zeros.", "--no-backing")
        .files("FILE", 1, 1, "The image to change.");
    Images.describe(syntax);
    syntax.notes(
        "All of the change is made or, if the image has no place for a part of it, nothing.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    Description change = own(arguments);
    Optional<String> backing = arguments.text("-b");
    if (backing.isPresent() && arguments.has("--no-backing")) {
      throw new UsageException("--backing and --no-backing exclude each other");
    }
    if (backing.isEmpty() && (arguments.has("-F") || arguments.has("-u"))) {
      throw new UsageException("-F and -u are for a new parent, which is named with -b");
    }
    if (arguments.has("--no-backing")) {
      change = change.withoutParent();
    }
    if (change.properties().isEmpty() && backing.isEmpty()) {
      throw new UsageException("nothing to change was said");
    }
    ImageName name = images.name(arguments.file());
    Optional<String> format = name.format().or(() -> arguments.text("-f"));
    console.interruption().protect();
    try (Disk disk =
        images.open(name, images.options(format).access(Access.WRITE).withoutParents())) {
      if (backing.isPresent()) {
        onParent(images, disk, change, name.path(), backing.get(), arguments);
      } else {
        apply(disk, change);
      }
    }
    return ExitCode.OK;
  }

  private static void onParent(
      Images images, Disk disk, Description change, Path child, String backing, Arguments arguments)
      throws IOException {
    Optional<String> format = arguments.text("-F");
    format.ifPresent(images::format);
    if (arguments.has("-u")) {
      apply(disk, change.withParent(new Backing(backing, format, Optional.empty())));
      return;
    }
    if (format.isEmpty()) {
      throw new UsageException(
          "the format of the backing file '" + backing + "' must be said with -F FORMAT");
    }
    ImageName parent = new ImageName(Targets.beside(child, backing), Optional.empty());
    Targets.checkNotSource(parent.path(), List.of(disk));
    try (Disk below = images.open(parent, images.options(format).withoutParents())) {
      apply(disk, change.withParent(new Backing(backing, format, Optional.of(below.top()))));
    }
  }

  private static void apply(Disk disk, Description change) throws IOException {
    UsageException.check(() -> {
      disk.describe(change);
      return true;
    });
  }

  private static Description own(Arguments arguments) {
    if (arguments.has("--zero-parent-uuid") && arguments.has("--parent-uuid")) {
      throw new UsageException("--parent-uuid and --zero-parent-uuid exclude each other");
    }
    Optional<UUID> parent = uuid(arguments, "--parent-uuid");
    return new Description(
        uuid(arguments, "--uuid"),
        uuid(arguments, "--modification-uuid"),
        arguments.has("--zero-parent-uuid") ? Optional.of(Description.NO_UUID) : parent,
        uuid(arguments, "--parent-modification-uuid"),
        arguments.text("--comment"),
        geometry(arguments, "--geometry"),
        geometry(arguments, "--logical-geometry"),
        Optional.empty());
  }

  private static Optional<UUID> uuid(Arguments arguments, String option) {
    boolean own = !option.startsWith("--parent");
    return arguments
        .text(option)
        .map(text -> {
          if (own && text.equals("new")) {
            return UUID.randomUUID();
          }
          try {
            UUID uuid = UUID.fromString(text);
            if (uuid.toString().equalsIgnoreCase(text)) {
              return uuid;
            }
          } catch (IllegalArgumentException _) {
            // said below
          }
          throw new UsageException(
              option + " " + text + ": expected a UUID" + (own ? " or 'new'" : ""));
        });
  }

  private static Optional<Geometry> geometry(Arguments arguments, String option) {
    return arguments
        .text(option)
        .map(text -> {
          String[] parts = text.split("/", -1);
          try {
            if (text.equals("none")) {
              return Geometry.NONE;
            }
            if (parts.length == 3) {
              return new Geometry(
                  number(parts[0], Long.MAX_VALUE),
                  (int) number(parts[1], Integer.MAX_VALUE),
                  (int) number(parts[2], Integer.MAX_VALUE));
            }
          } catch (NumberFormatException _) {
            // said below
          }
          throw new UsageException(
              option + " " + text + ": expected cylinders/heads/sectors, such as " + GEOMETRY);
        });
  }

  private static long number(String digits, long most) {
    long number = Long.parseLong(digits);
    if (number < 1 || number > most) {
      throw new NumberFormatException(digits);
    }
    return number;
  }
}
