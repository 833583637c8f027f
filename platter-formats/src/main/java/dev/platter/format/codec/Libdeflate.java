package dev.platter.format.codec;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Raw deflate through the system's libdeflate, two to eight times as fast as zlib.
final class Libdeflate implements Compressor {
  private final LibdeflateLibrary.Functions functions;
  private final MemorySegment compressor;
  private final Scratch scratch = new Scratch();

  private Libdeflate(LibdeflateLibrary.Functions functions, int level) {
    this.functions = functions;
    this.compressor = functions.state(level);
  }

  /// A compressor, if the library is installed.
  static Optional<Libdeflate> open(int level) {
    return LibdeflateLibrary.compression().map(functions -> new Libdeflate(functions, level));
  }

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    MemorySegment in = scratch.input(unit);
    MemorySegment out = scratch.output(target);
    long written;
    try {
      written =
          (long) functions.use().invokeExact(compressor, in, in.byteSize(), out, out.byteSize());
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    scratch.deliver(out, target, written);
    return (int) written;
  }

  @Override
  public long bound(long size) {
    return size;
  }

  @Override
  public void close() {
    functions.release(compressor);
    scratch.close();
  }
}
