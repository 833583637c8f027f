package dev.platter.format.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// Raw deflate through the system's libdeflate, two to eight times as fast as zlib.
final class Libdeflate implements Compressor {
  private static final List<String> NAMES = List.of("libdeflate.so.0", "libdeflate.0.dylib");

  private final Functions functions;
  private final MemorySegment compressor;
  private final Scratch scratch = new Scratch();

  /// The library's functions.
  private record Functions(MethodHandle alloc, MethodHandle compress, MethodHandle free) {}

  /// Looks for the library when it is first asked for.
  private static final class Library {
    private static final Optional<Functions> FOUND = find();

    @SuppressWarnings("restricted")
    private static Optional<Functions> find() {
      for (String name : NAMES) {
        try {
          return Optional.of(functions(SymbolLookup.libraryLookup(name, Arena.global())));
        } catch (IllegalArgumentException | IllegalCallerException _) {
          // not installed, or native code is not allowed: Java's own does the same, slower
        }
      }
      return Optional.empty();
    }

    @SuppressWarnings("restricted")
    private static Functions functions(SymbolLookup library) {
      Linker linker = Linker.nativeLinker();
      var address = ValueLayout.ADDRESS;
      var size = ValueLayout.JAVA_LONG;
      return new Functions(
          linker.downcallHandle(
              symbol(library, "libdeflate_alloc_compressor"),
              FunctionDescriptor.of(address, ValueLayout.JAVA_INT)),
          linker.downcallHandle(
              symbol(library, "libdeflate_deflate_compress"),
              FunctionDescriptor.of(size, address, address, size, address, size)),
          linker.downcallHandle(
              symbol(library, "libdeflate_free_compressor"), FunctionDescriptor.ofVoid(address)));
    }

    private static MemorySegment symbol(SymbolLookup library, String name) {
      return library
          .find(name)
          .orElseThrow(() -> new IllegalArgumentException("libdeflate has no " + name));
    }
  }

  private Libdeflate(Functions functions, MemorySegment compressor) {
    this.functions = functions;
    this.compressor = compressor;
  }

  /// A compressor, if the library is installed.
  static Optional<Libdeflate> open(int level) {
    return Library.FOUND.map(functions -> new Libdeflate(functions, alloc(functions, level)));
  }

  private static MemorySegment alloc(Functions functions, int level) {
    try {
      var compressor = (MemorySegment) functions.alloc.invokeExact(level);
      if (compressor.address() == 0) {
        throw new OutOfMemoryError("libdeflate has no memory for a compressor");
      }
      return compressor;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    MemorySegment in = scratch.input(unit);
    MemorySegment out = scratch.output(target);
    long written;
    try {
      written =
          (long) functions.compress.invokeExact(compressor, in, in.byteSize(), out, out.byteSize());
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
    try {
      functions.free.invokeExact(compressor);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      scratch.close();
    }
  }
}
