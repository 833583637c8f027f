package dev.platter;

import dev.platter.image.Image;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.io.TransformedStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Follows the maps of a chain down to where bytes are.
final class ChainReader {
  /// Bytes that are copied or allocated in one step.
  static final int PIECE = 1 << 20;

  /// Bytes of the disk that an image above another one is asked for at once.
  private static final long WINDOW = 1L << 30;

  private final List<Image> images;
  private final DecodedUnits decoded = new DecodedUnits();

  ChainReader(List<Image> images) {
    this.images = images;
  }

  /// The top image is about to change: what was decoded from it may be something else soon.
  void forget() {
    decoded.clear();
  }

  void read(long offset, MemorySegment target) throws IOException {
    long done = 0;
    while (done < target.byteSize()) {
      done += readRun(offset + done, target.asSlice(done));
    }
  }

  private long readRun(long offset, MemorySegment target) throws IOException {
    Found found = find(offset, target.byteSize());
    MemorySegment part = target.asSlice(0, found.mapping.length());
    switch (found.mapping) {
      case Mapping.Stored(Storage storage, long position, _) -> storage.read(position, part);
      case Mapping.Shared(Storage storage, long position, _) -> storage.read(position, part);
      case Mapping.Zero _, Mapping.Unallocated _ -> part.fill((byte) 0);
      case Mapping.Encoded(_, int skip, Mapping.EncodedUnit unit) -> decoded.read(unit, skip, part);
    }
    return part.byteSize();
  }

  Extent extent(long offset, long length) throws IOException {
    Found found = find(offset, length);
    long run = found.mapping.length();
    return switch (found.mapping) {
      case Mapping.Stored(Storage storage, long position, _) ->
          stored(found, offset, run, storage, position);
      case Mapping.Shared(Storage storage, long position, _) ->
          stored(found, offset, run, storage, position);
      case Mapping.Zero(_, long position) -> {
        Optional<Storage> room =
            position == Mapping.NOWHERE
                ? Optional.empty()
                : Optional.of(images.get(found.depth).dataStorage());
        yield new Extent(offset, run, Extent.Kind.ZERO, found.depth, false, room, position);
      }
      case Mapping.Unallocated _ ->
          new Extent(
              offset, run, Extent.Kind.HOLE, found.depth, false, Optional.empty(), Mapping.NOWHERE);
      case Mapping.Encoded(_, _, Mapping.EncodedUnit unit) ->
          new Extent(
              offset,
              run,
              Extent.Kind.DATA,
              found.depth,
              true,
              Optional.of(unit.storage()),
              Mapping.NOWHERE);
    };
  }

  private Extent stored(Found found, long offset, long length, Storage storage, long position)
      throws IOException {
    Extent.Kind kind = Extent.Kind.DATA;
    long run = length;
    if (images.get(found.depth).sparse()) {
      long there = Math.clamp(storage.size() - position, 0, length);
      if (there > 0) {
        Storage.Run known = storage.run(position, there);
        kind = known.kind() == Storage.Run.Kind.HOLE ? Extent.Kind.ZERO : Extent.Kind.DATA;
        run = known.length();
      }
    }
    // who looks there finds other bytes where they are encrypted
    long shown = storage instanceof TransformedStorage ? Mapping.NOWHERE : position;
    return new Extent(offset, run, kind, found.depth, false, Optional.of(storage), shown);
  }

  /// Copies what the disk has to a place; zeros behind its end.
  void copy(long offset, long length, Storage target, long position) throws IOException {
    long size = images.getFirst().size();
    try (Buffers.Lease lease = Buffers.lease(Math.min(length, PIECE))) {
      for (long done = 0; done < length; ) {
        MemorySegment part = lease.segment().asSlice(0, Math.min(length - done, PIECE));
        long there = Math.clamp(size - offset - done, 0, part.byteSize());
        read(offset + done, part.asSlice(0, there));
        part.asSlice(there).fill((byte) 0);
        target.write(position + done, part);
        done += part.byteSize();
      }
    }
  }

  /// The first image from the top that knows the run; the last one asked if none does.
  private Found find(long offset, long length) throws IOException {
    long rest = length;
    int depth = 0;
    while (true) {
      if (depth < images.size() - 1) {
        // an upper image that says nothing about all of a large disk must not be walked to its end
        // for each run of a lower one
        rest = Math.min(rest, WINDOW);
      }
      Mapping mapping = images.get(depth).map(offset, rest);
      if (!(mapping instanceof Mapping.Unallocated) || depth == images.size() - 1) {
        return new Found(mapping, depth);
      }
      Image below = images.get(depth + 1);
      if (offset >= below.size()) {
        return new Found(mapping, depth);
      }
      rest = Math.min(mapping.length(), below.size() - offset);
      depth++;
    }
  }

  private record Found(Mapping mapping, int depth) {}
}
