package dev.platter.format.vmdk;

import dev.platter.image.Allocation;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.util.ArrayList;
import java.util.List;

/// The layout of a new image that is not compressed.
record VmdkPlan(VmdkOptions options) {
  private static final int SECTOR = SparseHeader.SECTOR;

  Plan plan(Allocation allocation) {
    return switch (options.subformat()) {
      case VmdkOptions.MONOLITHIC_SPARSE -> sparse(allocation);
      case VmdkOptions.STREAM -> stream(allocation);
      case VmdkOptions.VMFS_SPARSE -> cowd(allocation);
      case VmdkOptions.DEVICE -> device(allocation);
      default -> several(allocation);
    };
  }

  private Plan sparse(Allocation allocation) {
    byte[] descriptor = options.descriptor(List.of(options.ownExtent()));
    return Plan.of(new SparsePlan(options, allocation, 0, descriptor).file("", options.size()));
  }

  private Plan stream(Allocation allocation) {
    if (allocation.dataBytes() > 0) {
      throw new IllegalArgumentException(
          "a VMDK image of subformat streamOptimized is always compressed, so that its layout is"
              + " known only when it is written (-c)");
    }
    List<Packing.Run> zeros = new ArrayList<>();
    Allocation grains = allocation.align(options.grainSize());
    for (int run = 0; run < grains.count() && options.child(); run++) {
      zeros.add(new Packing.Run(grains.start(run), grains.end(run) - grains.start(run)));
    }
    return new StreamPacking(options).finish(zeros);
  }

  /// A text file, and a file for each extent.
  private Plan several(Allocation allocation) {
    List<String> lines = new ArrayList<>();
    List<PlannedFile> files = new ArrayList<>();
    String type = options.vmfs() ? "VMFS" : "FLAT";
    long start = 0;
    do {
      long rest = options.size() - start;
      long length = options.split() ? Math.min(rest, options.splitSize()) : rest;
      String name = options.extentName(files.size() + 1);
      long sectors = length / SECTOR;
      if (options.flat()) {
        String from = type.equals("FLAT") ? "\" 0" : "\"";
        lines.add("RW " + sectors + " " + type + " \"" + name + from);
        files.add(flat(allocation, start, length, name));
      } else {
        lines.add("RW " + sectors + " SPARSE \"" + name + "\"");
        files.add(new SparsePlan(options, allocation, start, new byte[0]).file(name, length));
      }
      start += length;
    } while (start < options.size());
    return described(lines, files);
  }

  private Plan described(List<String> lines, List<PlannedFile> extents) {
    byte[] descriptor = options.descriptor(lines);
    List<PlannedFile> files = new ArrayList<>(extents);
    files.addFirst(PlannedFile.main(descriptor.length, List.of(Piece.bytes(0, descriptor))));
    return new Plan(files);
  }

  private Plan cowd(Allocation allocation) {
    String name = options.extentName(1);
    String line = "RW " + options.size() / SECTOR + " VMFSSPARSE \"" + name + "\"";
    return described(List.of(line), List.of(new CowdPlan(options, allocation).file(name)));
  }

  /// A text alone, which names a disk that is there already.
  private Plan device(Allocation allocation) {
    if (allocation.dataBytes() > 0) {
      throw new IllegalArgumentException(
          "a VMDK image of subformat fullDevice only describes a device; nothing can be copied"
              + " into a new one");
    }
    String line = "RW " + options.size() / SECTOR + " FLAT \"" + options.device() + "\" 0";
    return described(List.of(line), List.of());
  }

  private PlannedFile flat(Allocation allocation, long start, long length, String name) {
    List<Piece> pieces = new ArrayList<>();
    for (int run = allocation.runAfter(start); run < allocation.count(); run++) {
      long from = Math.max(allocation.start(run), start);
      long to = Math.min(allocation.end(run), start + length);
      if (from >= to) {
        break;
      }
      if (!allocation.isZero(run)) {
        pieces.add(new Piece.Guest(from - start, to - from, from));
      }
    }
    return new PlannedFile(name, length, pieces, options.preallocation());
  }
}
