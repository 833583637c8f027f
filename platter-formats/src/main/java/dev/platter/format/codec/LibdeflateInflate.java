package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Inflates through the system's libdeflate. What it refuses is given to Java's, which also takes a
/// stream that goes on behind the unit's end.
final class LibdeflateInflate implements Decompressor {
  private final LibdeflateLibrary.Functions functions;
  private final MemorySegment decompressor;
  private final Scratch scratch = new Scratch();

  private LibdeflateInflate(LibdeflateLibrary.Functions functions) {
    this.functions = functions;
    this.decompressor = functions.state();
  }

  /// A decompressor, if the library is installed.
  static Optional<LibdeflateInflate> open() {
    return LibdeflateLibrary.decompression().map(LibdeflateInflate::new);
  }

  @Override
  public boolean decompress(MemorySegment stored, MemorySegment unit) {
    MemorySegment in = scratch.input(stored);
    MemorySegment out = scratch.output(unit);
    int failure;
    try {
      // with no place to tell how much was written, it must be all of the unit
      failure =
          (int)
              functions
                  .use()
                  .invokeExact(
                      decompressor, in, in.byteSize(), out, out.byteSize(), MemorySegment.NULL);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (failure == 0) {
      scratch.deliver(out, unit, unit.byteSize());
      return true;
    }
    try (var java = new JavaInflate()) {
      return java.decompress(stored, unit);
    }
  }

  @Override
  public void close() {
    functions.release(decompressor);
    scratch.close();
  }
}
