package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.ImageFormat;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.operation.Conversion;
import dev.platter.operation.Conversion.Existing;
import dev.platter.operation.Copy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `dd`: copies a range of an image. Counts as GNU dd does: `count` blocks from `skip` on, to
/// `seek` on.
final class DdCommand implements Command {
  private static final List<String> OPERANDS =
      List.of("if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv", "status");

  @Override
  public void describe(Syntax syntax) {
    syntax
        .value("FORMAT", "The format of the input.", "-f", "--format")
        .value("FORMAT", "The format of the output; raw if not given.", "-O", "--output-format")
        .files(
            "if=FILE of=FILE [bs=SIZE] [count=N] [skip=N] [seek=N] [conv=notrunc]",
            0,
            Integer.MAX_VALUE,
            "Input and output; the size of a block (512); how many blocks to copy (all); how many"
                + " to leave out at the start of the input and of the output; keep the output as"
                + " it is around what is written.");
    ProgressBar.describe(syntax);
    Images.describe(syntax);
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    ImageFormat format = images.format(arguments.text("-O").orElse("raw"));
    console.interruption().protect();
    Map<String, String> operands = operands(arguments.files());
    Path target = images.name(required("of", operands)).path();
    long block = block(operands);
    long count = number("count", Long.MAX_VALUE / block, operands);
    long skip = number("skip", 0, operands);
    long seek = Math.multiplyExact(number("seek", 0, operands), block);
    boolean keep = conversions(operands).contains("notrunc");
    ProgressBar bar = ProgressBar.of(arguments, console, false);
    try (Disk disk = images.open(required("if", operands), arguments.text("-f"), Access.READ)) {
      Targets.checkNotSource(target, List.of(disk));
      BlockDevice source = Copy.range(disk, block, Math.min(skip, disk.size() / block + 1), count);
      Conversion conversion = Conversion.of(List.of(source)).progress(bar);
      UsageException.check(() -> {
        if (seek == 0 && !keep && !Targets.isDevice(target)) {
          Targets.checkNew(format, target);
          conversion.toFile(format, target);
        } else {
          into(conversion, source.size(), format, target, seek, keep, images);
        }
        return true;
      });
    }
    bar.done();
    return ExitCode.OK;
  }

  private static Map<String, String> operands(List<String> words) {
    Map<String, String> operands = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      if (equals < 0 || !OPERANDS.contains(name)) {
        throw new UsageException(
            "'"
                + word
                + "': expected if=, of=, bs=, count=, skip=, seek= or conv="
                + Nearest.suggestion(name, OPERANDS));
      }
      operands.put(name, word.substring(equals + 1));
    }
    return operands;
  }

  private static String required(String name, Map<String, String> operands) {
    return Optional.ofNullable(operands.get(name))
        .orElseThrow(() -> new UsageException(name + "=FILE is missing"));
  }

  private static long block(Map<String, String> operands) {
    for (String other : List.of("ibs", "obs")) {
      if (operands.containsKey(other)) {
        throw new UsageException(other + "=: blocks have one size, bs=");
      }
    }
    long block = Arguments.parseSize(operands.getOrDefault("bs", "512"));
    if (block == 0 || block > Integer.MAX_VALUE) {
      throw new UsageException("bs=" + operands.get("bs") + ": expected 1 to 2147483647 bytes");
    }
    return block;
  }

  private static long number(String name, long fallback, Map<String, String> operands) {
    if (!operands.containsKey(name)) {
      return fallback;
    }
    long number = Arguments.parseSize(operands.get(name));
    long block = block(operands);
    if (number > Long.MAX_VALUE / block) {
      throw new UsageException(name + "=" + operands.get(name) + ": too many blocks");
    }
    return number;
  }

  private static List<String> conversions(Map<String, String> operands) {
    List<String> known = List.of("notrunc", "sparse", "fsync", "fdatasync", "");
    List<String> conversions = List.of(operands.getOrDefault("conv", "").split(","));
    for (String conversion : conversions) {
      if (!known.contains(conversion)) {
        throw new UsageException(
            "conv=" + conversion + ": expected notrunc, sparse, fsync or fdatasync");
      }
    }
    return conversions;
  }

  private static void into(
      Conversion conversion,
      long length,
      ImageFormat format,
      Path target,
      long seek,
      boolean keep,
      Images images)
      throws IOException {
    if (format.name().equals("raw") && !Targets.isDevice(target)) {
      makeRoom(target, Math.addExact(seek, length), seek, keep);
    }
    var options = images.options(Optional.of(format.name())).access(Access.WRITE);
    try (Disk disk = images.open(new ImageName(target, Optional.empty()), options)) {
      if (length > disk.size() - seek) {
        throw new UsageException(
            target + ": has room for " + Math.max(0, disk.size() - seek) + " bytes behind seek=");
      }
      if (length > 0) {
        conversion.into(new Span(disk, seek, length), Existing.UNKNOWN);
      }
    }
  }

  private static void makeRoom(Path target, long end, long seek, boolean keep) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException(target + ": is a folder, not an image");
    }
    if (!Files.exists(target)) {
      if (!Files.isDirectory(target.toAbsolutePath().getParent())) {
        throw new NoSuchFileException(target.toString());
      }
      Files.createFile(target);
    }
    try (Storage storage = FileStorage.open(target, Access.WRITE, Sharing.LOCKED)) {
      if (!keep && storage.size() > seek) {
        storage.resize(seek);
      }
      if (storage.size() < end) {
        storage.resize(end);
      }
    }
  }
}
