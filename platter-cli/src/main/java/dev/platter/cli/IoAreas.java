package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.Extent;
import dev.platter.cli.IoRequest.Refused;
import dev.platter.cli.IoSession.Opened;
import dev.platter.image.ImageInfo;
import java.io.IOException;

/// The requests of a script that ask what an image has.
final class IoAreas {
  private static final long SECTOR = 512;

  private IoAreas() {}

  /// Answers `info`, `map` and `alloc`.
  static void perform(IoRequest request, Opened image, Console console)
      throws IOException, Refused {
    try {
      switch (request.verb()) {
        case INFO -> info(image.disk(), console);
        case MAP -> map(image.disk(), console);
        default -> alloc(request, image.disk(), console);
      }
    } catch (IOException e) {
      throw Refused.value(request.verb().word() + " failed: " + Failure.of(e).sentence());
    }
  }

  private static void info(Disk disk, Console console) throws IOException {
    ImageInfo info = disk.top().info();
    console.line("format name: " + disk.layers().getFirst().formatName());
    if (info.clusterSize().isPresent()) {
      console.line("cluster size: " + IoReport.size(info.clusterSize().getAsLong()));
    }
    console.print(InfoText.specific(info));
  }

  private static boolean isAllocated(Extent extent) {
    return extent.depth() == 0 && extent.kind() != Extent.Kind.HOLE;
  }

  private static void map(Disk disk, Console console) throws IOException {
    long start = 0;
    long at = 0;
    boolean allocated = false;
    while (at < disk.size()) {
      Extent extent = disk.extent(at, disk.size() - at);
      if (at > start && isAllocated(extent) != allocated) {
        area(start, at, allocated, console);
        start = at;
      }
      allocated = isAllocated(extent);
      at = extent.end();
    }
    if (at > start) {
      area(start, at, allocated, console);
    }
  }

  private static void area(long start, long end, boolean allocated, Console console)
      throws IOException {
    console.line(
        IoReport.size(end - start)
            + " (0x"
            + Long.toHexString(end - start)
            + ") bytes "
            + (allocated ? "    allocated" : "not allocated")
            + " at offset "
            + IoReport.size(start)
            + " (0x"
            + Long.toHexString(start)
            + ")");
  }

  private static void alloc(IoRequest request, Disk disk, Console console)
      throws IOException, Refused {
    long start = request.size(0);
    long wanted = request.operands().size() > 1 ? request.size(1) : SECTOR;
    long count = Math.clamp(disk.size() - start, 0, wanted);
    long sum = 0;
    for (long at = start; at < start + count; ) {
      Extent extent = disk.extent(at, start + count - at);
      sum += isAllocated(extent) ? extent.length() : 0;
      at = extent.end();
    }
    console.line(sum + "/" + count + " bytes allocated at offset " + IoReport.size(start));
  }
}
