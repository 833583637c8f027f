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

/// The functions of the system's libdeflate, if it is installed; looked for when first asked for.
final class LibdeflateLibrary {
  private static final List<String> NAMES = List.of("libdeflate.so.0", "libdeflate.0.dylib");

  private LibdeflateLibrary() {}

  /// Making, using and freeing one direction's state.
  record Functions(MethodHandle alloc, MethodHandle use, MethodHandle free) {

    /// A new state.
    ///
    /// @param arguments for `alloc`
    MemorySegment state(Object... arguments) {
      try {
        var state = (MemorySegment) alloc.invokeWithArguments(arguments);
        if (state.address() == 0) {
          throw new OutOfMemoryError("libdeflate has no memory");
        }
        return state;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    /// Gives a state's memory back.
    void release(MemorySegment state) {
      try {
        free.invokeExact(state);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// For compressing, none if the library is not installed or native code is not allowed: then
  /// Java's own does the same, slower.
  static Optional<Functions> compression() {
    return Compression.FOUND;
  }

  /// For decompressing, likewise.
  static Optional<Functions> decompression() {
    return Decompression.FOUND;
  }

  private static final class Compression {
    private static final Optional<Functions> FOUND =
        library()
            .map(library ->
                functions(
                    library,
                    "libdeflate_alloc_compressor",
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    "libdeflate_deflate_compress",
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG),
                    "libdeflate_free_compressor"));
  }

  private static final class Decompression {
    private static final Optional<Functions> FOUND =
        library()
            .map(library ->
                functions(
                    library,
                    "libdeflate_alloc_decompressor",
                    FunctionDescriptor.of(ValueLayout.ADDRESS),
                    "libdeflate_deflate_decompress",
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS),
                    "libdeflate_free_decompressor"));
  }

  @SuppressWarnings("restricted")
  private static Optional<SymbolLookup> library() {
    for (String name : NAMES) {
      try {
        return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
      } catch (IllegalArgumentException | IllegalCallerException _) {
        // the next name, or none
      }
    }
    return Optional.empty();
  }

  @SuppressWarnings("restricted")
  private static Functions functions(
      SymbolLookup library,
      String alloc,
      FunctionDescriptor allocShape,
      String use,
      FunctionDescriptor useShape,
      String free) {
    Linker linker = Linker.nativeLinker();
    return new Functions(
        linker.downcallHandle(library.findOrThrow(alloc), allocShape),
        linker.downcallHandle(library.findOrThrow(use), useShape),
        linker.downcallHandle(
            library.findOrThrow(free), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)));
  }
}
