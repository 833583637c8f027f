package dev.platter.io;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Linux system calls, made through the C library's `syscall`.
///
/// There is one handle for all of them: making the first one is what costs at start-up (some 25 ms
/// with an ahead-of-time cache), each further shape of call 4 to 8 ms more, while an address
/// parameter and the capture of `errno` cost next to nothing. Structures are read and written
/// through a byte buffer, since every layout with which memory is accessed costs as much as a
/// shape. The address parameter is the third of `syscall`, where most calls have their buffer, and
/// keeps the memory behind it alive; a call that has a number there passes it as an address.
///
/// Numbers that a call returns are not negative; a failure is returned as the negative `errno`.
final class Kernel {

  /// A system call and its numbers on the processors that are known.
  enum Call {
    OPENAT(257, 56),
    OPENAT2(437, 437),
    CLOSE(3, 57),
    LSEEK(8, 62),
    PREAD64(17, 67),
    PWRITE64(18, 68),
    FTRUNCATE(77, 46),
    FDATASYNC(75, 83),
    FSYNC(74, 82),
    FALLOCATE(285, 47),
    COPY_FILE_RANGE(326, 285),
    FCNTL(72, 25),
    FCHMOD(91, 52),
    STATX(332, 291),
    SYNC_FILE_RANGE(277, 84);

    private final int x86;
    private final int arm;

    Call(int x86, int arm) {
      this.x86 = x86;
      this.arm = arm;
    }
  }

  private static final MemorySegment NOTHING = MemorySegment.NULL;

  private Kernel() {}

  /// Whether system calls can be made here: on Linux, on a known processor, with native access
  /// allowed.
  static boolean available() {
    return Door.FOUND.isPresent();
  }

  /// A call whose second argument is memory, which is kept alive while the call runs.
  static long call(Call call, long a, MemorySegment b, long c, long d, long e) {
    try (Scratch scratch = Scratch.take()) {
      return call(scratch, call, a, b, c, d, e);
    }
  }

  /// A call whose second argument is a number.
  static long call(Call call, long a, long b, long c, long d) {
    return call(call, a, b == 0 ? NOTHING : MemorySegment.ofAddress(b), c, d, 0);
  }

  /// A call that uses the scratch memory itself: addresses inside it may be passed as numbers.
  static long call(Scratch scratch, Call call, long a, MemorySegment b, long c, long d, long e) {
    return call(scratch, call, a, b, c, d, e, 0);
  }

  /// The same with all the arguments that a system call can have.
  static long call(
      Scratch scratch, Call call, long a, MemorySegment b, long c, long d, long e, long f) {
    long result;
    int error;
    do {
      result = invoke(scratch.errno, Door.ARM ? call.arm : call.x86, a, b, c, d, e, f);
      error = result == -1 ? scratch.error.getInt(0) : 0;
      // a signal, such as the one that stops a thread for a profiler; closing is never repeated,
      // since the number may belong to another file by then
    } while (error == Errno.EINTR && call != Call.CLOSE);
    return error == 0 ? result : -error;
  }

  private static long invoke(
      MemorySegment errno, long n, long a, MemorySegment b, long c, long d, long e, long f) {
    try {
      return (long) Door.HANDLE.invokeExact(errno, n, a, b, c, d, e, f);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException(thrown);
    }
  }

  /// Native memory for one call at a time: where `errno` arrives, and room for a structure.
  static final class Scratch implements AutoCloseable {
    private static final int SIZE = 512;
    private static final ConcurrentLinkedQueue<Scratch> POOL = new ConcurrentLinkedQueue<>();
    private final MemorySegment errno;
    private final ByteBuffer error;
    private final MemorySegment room;
    private final ByteBuffer numbers;

    private Scratch() {
      MemorySegment all = Arena.ofAuto().allocate(SIZE, 64);
      this.errno = all.asSlice(0, 8);
      this.error = errno.asByteBuffer().order(ByteOrder.nativeOrder());
      this.room = all.asSlice(64);
      this.numbers = room.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    static Scratch take() {
      Scratch free = POOL.poll();
      return free == null ? new Scratch() : free;
    }

    /// Room for a structure; its content is whatever it was.
    MemorySegment room() {
      return room;
    }

    /// The same room, for the numbers in it.
    ByteBuffer numbers() {
      return numbers;
    }

    @Override
    public void close() {
      POOL.add(this);
    }
  }

  /// Made on the first call, because it takes time.
  private static final class Door {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final Optional<MethodHandle> FOUND = find();
    private static final MethodHandle HANDLE = FOUND.orElse(null);

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> find() {
      boolean known = ARM || System.getProperty("os.arch").equals("amd64");
      if (!known || !System.getProperty("os.name").equals("Linux")) {
        return Optional.empty();
      }
      try {
        ValueLayout.OfLong number = ValueLayout.JAVA_LONG;
        var shape =
            FunctionDescriptor.of(
                number, number, number, ValueLayout.ADDRESS, number, number, number, number);
        Linker linker = Linker.nativeLinker();
        // not declared variadic: on both processors integers are passed alike either way, and the
        // plain form is the cheaper one to make
        return Optional.of(
            linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                shape,
                Linker.Option.captureCallState("errno")));
      } catch (IllegalCallerException | UnsupportedOperationException | NoSuchElementException _) {
        return Optional.empty();
      }
    }
  }
}
