package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Blueprint;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.image.Plan;
import dev.platter.io.Access;
import dev.platter.io.Durability;
import dev.platter.operation.Conversion;
import dev.platter.operation.Conversion.Existing;
import dev.platter.operation.CreateImage;
import dev.platter.operation.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run of `convert`: opens the sources, checks the target, copies.
final class Copying implements AutoCloseable {
  private final Arguments arguments;
  private final Console console;
  private final Images images;
  private final NewImage wanted;
  private final List<Disk> disks = new ArrayList<>();
  private final List<Disk> parents = new ArrayList<>();
  private final List<Spool> spools = new ArrayList<>();

  Copying(Arguments arguments, Console console, Images images, NewImage wanted) {
    this.arguments = arguments;
    this.console = console;
    this.images = images;
    this.wanted = wanted;
  }

  /// Copies.
  void run(List<String> sources, String targetName) throws IOException {
    Target target = Target.of(targetName, images);
    check(target);
    for (String source : sources) {
      disks.add(source.equals("-") ? standardInput(target) : open(source));
    }
    ProgressBar bar = ProgressBar.of(arguments, console, target instanceof Target.StandardOutput);
    Conversion conversion = conversion(bar);
    UsageException.check(() -> {
      write(conversion, target);
      return true;
    });
    bar.done();
  }

  private Disk open(String source) throws IOException {
    Optional<String> format = arguments.text("-f");
    Optional<String> snapshot = arguments.text("-l");
    if (snapshot.isEmpty()) {
      return images.open(source, format, Access.READ);
    }
    ImageName name = SnapshotChoice.in(images, source, format, snapshot.get());
    return images.open(name, images.options(name.format()));
  }

  private void check(Target target) throws IOException {
    if (arguments.has("-n")) {
      if (target instanceof Target.StandardOutput || target instanceof Target.Pipe) {
        throw new UsageException("-n is only for an existing file or device");
      }
      return;
    }
    switch (target) {
      case Target.NewFile(Path path) -> Targets.checkNew(wanted.format(), path);
      case Target.Device _ -> {}
      case Target.Pipe _, Target.StandardOutput _ -> {} // most formats can be written in one pass
    }
  }

  private Disk standardInput(Target target) throws IOException {
    Path folder =
        switch (target) {
          case Target.NewFile(Path path) -> path.toAbsolutePath().getParent();
          case Target.Device _, Target.Pipe _, Target.StandardOutput _ -> Path.of("");
        };
    Spool spool = Spool.of(console.in(), folder.toAbsolutePath(), console.interruption());
    spools.add(spool);
    Optional<String> format = arguments.text("-f").or(() -> Optional.of("raw"));
    return images.open(new ImageName(spool.path(), Optional.empty()), images.options(format));
  }

  private Conversion conversion(ProgressBar bar) throws IOException {
    List<BlockDevice> sources = new ArrayList<>();
    for (Disk disk : disks) {
      sources.add(arguments.has("--salvage") ? new Salvage(disk, console) : disk);
    }
    Conversion conversion =
        Conversion.of(sources).options(wanted.given()).secrets(images.secrets());
    conversion = conversion.progress(arguments.has("-r") ? bar.limited(rate()) : bar);
    if (arguments.has("-c")) {
      conversion = conversion.compressed();
    }
    if (arguments.has("--deterministic")) {
      conversion = conversion.deterministic();
    }
    Optional<Integer> threads = arguments.number("-m", 1, 256);
    if (threads.isPresent()) {
      conversion = conversion.threads(threads.get());
    }
    Optional<Long> sparse = arguments.size("-S");
    if (sparse.isPresent()) {
      conversion = conversion.sparse(sparse.get());
    }
    if (wanted.size().isPresent()) {
      conversion = conversion.size(wanted.size().get());
    }
    return conversion.durability(durability());
  }

  /// The cache modes of QEMU, of which one means not to wait for the disk.
  private Durability durability() {
    return switch (arguments.text("-t").orElse("writeback")) {
      case "unsafe" -> Durability.UNSAFE;
      case "none", "writeback", "writethrough", "directsync" -> Durability.DURABLE;
      default ->
          throw new UsageException(
              "-t "
                  + arguments.text("-t").get()
                  + ": expected none, writeback, writethrough,"
                  + " directsync or unsafe");
    };
  }

  private long rate() {
    long rate = arguments.size("-r").orElse(0L);
    if (rate == 0) {
      throw new UsageException("-r 0: expected a number of bytes a second above 0");
    }
    return rate;
  }

  private void write(Conversion conversion, Target target) throws IOException {
    if (arguments.has("-n")) {
      into(conversion, target);
      return;
    }
    ImageFormat format = wanted.format();
    switch (target) {
      case Target.NewFile(Path path) -> {
        Targets.checkNotSource(path, disks);
        onParent(conversion, path).toFile(format, path);
      }
      case Target.Device(Path path) -> toDevice(conversion, path);
      case Target.Pipe(Path path) -> {
        console.interruption().waiting(() -> {});
        try (OutputStream pipe = Files.newOutputStream(path, StandardOpenOption.WRITE)) {
          OutputStream out = new NamedStream(path.toString(), pipe);
          conversion.toStream(format, Targets.fileName(path), out);
        }
      }
      case Target.StandardOutput() -> {
        console.interruption().waiting(() -> {});
        console.flush();
        OutputStream out = console.out();
        conversion.toStream(format, "standard-output", out);
        out.flush();
      }
    }
  }

  private Conversion onParent(Conversion conversion, Path target) throws IOException {
    Optional<String> name = arguments.text("-b").or(wanted::backing);
    if (name.isEmpty()) {
      return conversion;
    }
    if (!wanted.format().capabilities().contains(Capability.BACKING)) {
      throw new UsageException(
          "a " + wanted.format().name() + " image cannot be the child of another");
    }
    Path path = Targets.beside(target, name.get());
    Optional<String> said = arguments.text("-F").or(wanted::backingFormat);
    String format = said.isPresent() ? said.get() : images.parentFormat(path, name.get());
    Disk parent =
        images.open(new ImageName(path, Optional.empty()), images.options(Optional.of(format)));
    parents.add(parent);
    Targets.checkNotSource(target, parents);
    Backing backing = new Backing(name.get(), Optional.of(format), Optional.of(parent.top()));
    return conversion.backing(backing, parent.size(), shared(parent));
  }

  /// How far down the source's chain the parent stands; the chain's length if it is not in it.
  private int shared(Disk parent) {
    Disk source = disks.getFirst();
    int depth = source.layers().size();
    if (disks.size() > 1 || arguments.has("--salvage")) {
      return depth;
    }
    Object wantedIdentity = identity(parent, 0);
    for (int layer = 1; layer < depth; layer++) {
      if (identity(source, layer).equals(wantedIdentity)) {
        return layer;
      }
    }
    return depth;
  }

  private static Object identity(Disk disk, int layer) {
    return disk.layers().get(layer).image().storages().getFirst().identity();
  }

  private void into(Conversion conversion, Target target) throws IOException {
    Path path =
        switch (target) {
          case Target.NewFile(Path file) -> file;
          case Target.Device(Path file) -> file;
          case Target.Pipe(Path file) -> file;
          case Target.StandardOutput() -> throw new UsageException("-n needs a file or a device");
        };
    Targets.checkNotSource(path, disks);
    var options = images.options(Optional.of(wanted.format().name())).access(Access.WRITE);
    try (Disk disk = images.open(new ImageName(path, Optional.empty()), options)) {
      checkRoom(disk, path);
      conversion.into(disk, arguments.has("--target-is-zero") ? Existing.ZERO : Existing.UNKNOWN);
    }
  }

  private long sourceSize() {
    long size = 0;
    for (Disk source : disks) {
      size = Math.addExact(size, source.size());
    }
    return size;
  }

  private void checkRoom(Disk target, Path path) throws IOException {
    long needed = wanted.size().orElse(sourceSize());
    if (needed > target.size()) {
      throw new UsageException(
          path + ": has room for " + target.size() + " bytes, the source has " + needed);
    }
  }

  /// A device has its size already: a raw disk is written over what is there, another image is laid
  /// out at its start.
  private void toDevice(Conversion conversion, Path path) throws IOException {
    Targets.checkNotSource(path, disks);
    if (wanted.format().name().equals("raw")) {
      into(conversion, new Target.Device(path));
      return;
    }
    try (DeviceRoom room = DeviceRoom.open(path)) {
      if (arguments.text("-b").or(wanted::backing).isEmpty()) {
        room.check(emptyPlan(path));
      }
      onParent(conversion, path).toStorages(wanted.format(), Targets.fileName(path), room::only);
      room.finish(wanted.format());
    }
  }

  private Plan emptyPlan(Path target) throws IOException {
    long size = wanted.size().orElse(sourceSize());
    Blueprint blueprint =
        Blueprint.of(size, wanted.options(), Targets.fileName(target)).with(images.secrets());
    return new CreateImage(wanted.format(), blueprint, Progress.none()).plan();
  }

  @Override
  public void close() throws IOException {
    for (Disk disk : disks) {
      disk.close();
    }
    for (Disk parent : parents) {
      parent.close();
    }
    for (Spool spool : spools) {
      spool.close();
    }
  }
}
