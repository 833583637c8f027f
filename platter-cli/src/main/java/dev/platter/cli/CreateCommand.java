package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.image.Blueprint;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.operation.CreateImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `create`: a new image, empty or the child of another.
final class CreateCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    syntax
        .value("FORMAT", "The new image's format; raw if not given.", "-f", "--format")
        .values("NAME=VALUE,...", "Options of the format; '-o help' lists them.", "-o", "--options")
        .value("FILE", "Make the child of this image.", "-b", "--backing")
        .value("FORMAT", "The format of the parent.", "-F", "-B", "--backing-format")
        .flag("Do not open the parent; needs a SIZE.", "-u", "--backing-unsafe")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .files(
            "FILE [SIZE]",
            0,
            2,
            "The new file, which replaces one that is there, and the size of its disk; that of the"
                + " parent if not given.");
    Images.describe(syntax);
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    ImageFormat format = images.format(arguments.text("-f").orElse("raw"));
    if (KeyValues.wantHelp(arguments.all("-o"))) {
      console.print(NewImage.help(format));
      return ExitCode.OK;
    }
    console.interruption().protect();
    NewImage wanted = new NewImage(format, arguments.all("-o"));
    List<String> words = arguments.files();
    if (words.isEmpty()) {
      throw new UsageException("no file was named");
    }
    Path target = images.name(words.getFirst()).path();
    Targets.checkNew(format, target);
    Optional<Long> size =
        words.size() > 1 ? Optional.of(Arguments.parseSize(words.get(1))) : wanted.size();
    Optional<String> backing = arguments.text("-b").or(wanted::backing);
    ProgressBar progress = ProgressBar.of(arguments, console, false);
    if (backing.isEmpty()) {
      long bytes = size.orElseThrow(() -> noSize());
      Blueprint blueprint =
          Blueprint.of(bytes, wanted.options(), Targets.fileName(target)).with(images.secrets());
      write(new CreateImage(format, blueprint, progress), target, arguments, console);
    } else {
      child(images, wanted, target, size, backing.get(), arguments, console);
    }
    return ExitCode.OK;
  }

  private static UsageException noSize() {
    return new UsageException("a SIZE is needed, as in 'platter create disk.raw 10G'");
  }

  private static void child(
      Images images,
      NewImage wanted,
      Path target,
      Optional<Long> size,
      String backing,
      Arguments arguments,
      Console console)
      throws IOException {
    if (!wanted.format().capabilities().contains(Capability.BACKING)) {
      throw new UsageException(
          "a " + wanted.format().name() + " image cannot be the child of another");
    }
    Optional<String> said = arguments.text("-F").or(wanted::backingFormat);
    said.ifPresent(images::format);
    ProgressBar progress = ProgressBar.of(arguments, console, false);
    if (arguments.has("-u")) {
      String parentFormat = said.orElseThrow(() -> noFormat(backing));
      Blueprint blueprint =
          Blueprint.of(size.orElseThrow(() -> noSize()), wanted.options(), Targets.fileName(target))
              .with(images.secrets())
              .on(new Backing(backing, Optional.of(parentFormat), Optional.empty()));
      write(new CreateImage(wanted.format(), blueprint, progress), target, arguments, console);
      return;
    }
    Path parent = Targets.beside(target, backing);
    String parentFormat = said.isPresent() ? said.get() : images.parentFormat(parent, backing);
    DiskOptions options = images.options(Optional.of(parentFormat));
    try (Disk disk = images.open(new ImageName(parent, Optional.empty()), options)) {
      Targets.checkNotSource(target, List.of(disk));
      Blueprint blueprint =
          Blueprint.of(size.orElse(disk.size()), wanted.options(), Targets.fileName(target))
              .with(images.secrets())
              .on(new Backing(backing, Optional.of(parentFormat), Optional.of(disk.top())));
      write(new CreateImage(wanted.format(), blueprint, progress), target, arguments, console);
    }
  }

  private static UsageException noFormat(String backing) {
    return new UsageException(
        "the format of the backing file '"
            + backing
            + "' must be said with -F FORMAT if it is not opened (-u)");
  }

  private static void write(CreateImage creation, Path target, Arguments arguments, Console console)
      throws IOException {
    String announcement = announcement(creation, target);
    UsageException.check(() -> {
      if (Targets.isDevice(target) && !creation.format().name().equals("raw")) {
        onDevice(creation, target);
      } else {
        creation.toFile(target);
      }
      return true;
    });
    if (!arguments.has("-q")) {
      console.line(announcement);
    }
  }

  private static void onDevice(CreateImage creation, Path target) throws IOException {
    try (DeviceRoom room = DeviceRoom.open(target)) {
      room.check(creation.plan());
      creation.toStorages(room::only);
      room.finish(creation.format());
    }
  }

  private static String announcement(CreateImage creation, Path target) {
    Blueprint blueprint = creation.blueprint();
    Options options = blueprint.options();
    StringBuilder text = new StringBuilder();
    text.append("Formatting '").append(target).append("', fmt=").append(creation.format().name());
    text.append(" size=").append(blueprint.size());
    blueprint
        .backing()
        .ifPresent(backing -> {
          text.append(" backing_file=").append(backing.name());
          backing.format().ifPresent(format -> text.append(" backing_fmt=").append(format));
        });
    for (Option option : creation.format().options()) {
      String value = options.text(option.name());
      if (options.has(option.name())
          || (!value.isEmpty() && !option.name().equals("preallocation"))) {
        text.append(' ').append(option.name()).append('=').append(value(option, options));
      }
    }
    return text.toString();
  }

  private static String value(Option option, Options options) {
    return switch (option.kind()) {
      case SIZE -> Long.toString(options.size(option.name()));
      case SWITCH -> options.on(option.name()) ? "on" : "off";
      case NUMBER, TEXT, CHOICE -> options.text(option.name());
    };
  }
}
