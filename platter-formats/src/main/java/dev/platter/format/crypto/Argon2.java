package dev.platter.format.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Keys from passphrases by memory (RFC 9106, version 0x13), on as many threads as there are lanes.
/// The memory is not of the heap, which need not be as large as a key wants it.
///
/// @param kind which blocks are looked at
/// @param passes over the memory, at least 1
/// @param kibibytes of memory, at least 8 a lane
/// @param lanes at least 1
public record Argon2(Kind kind, int passes, int kibibytes, int lanes) {
  private static final int WORDS = 128;
  private static final int BYTES = 1024;
  private static final int SLICES = 4;
  private static final int VERSION = 0x13;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// Which blocks are looked at.
  public enum Kind {
    /// Ones that do not depend on the passphrase.
    I(1),
    /// Of the first half of the first pass as of [#I], later ones that do.
    ID(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /// Derives a key.
  ///
  /// @throws OutOfMemoryError if there is not as much memory
  public byte[] derive(byte[] secret, byte[] salt, int length) {
    byte[] seed =
        new Blake2b(64)
            .update(lanes)
            .update(length)
            .update(kibibytes)
            .update(passes)
            .update(VERSION)
            .update(kind.code)
            .update(secret.length)
            .update(secret)
            .update(salt.length)
            .update(salt)
            .update(0)
            .update(0)
            .digest();
    try (Arena arena = Arena.ofShared()) {
      var work = new Work(arena);
      work.seed(seed);
      work.fill();
      return lengthened(work.sum(), length);
    }
  }

  /// A hash of any length.
  private static byte[] lengthened(byte[] input, int length) {
    if (length <= 64) {
      return new Blake2b(length).update(length).update(input).digest();
    }
    byte[] out = new byte[length];
    byte[] part = new Blake2b(64).update(length).update(input).digest();
    int at = 0;
    while (length - at > 64) {
      System.arraycopy(part, 0, out, at, 32);
      at += 32;
      part = new Blake2b(Math.min(64, length - at)).update(part).digest();
    }
    System.arraycopy(part, 0, out, at, length - at);
    return out;
  }

  private final class Work {
    private final int segment = kibibytes / (SLICES * lanes);
    private final int lane = SLICES * segment;
    private final MemorySegment memory;

    private Work(Arena arena) {
      this.memory = arena.allocate((long) lane * lanes * BYTES, 64);
    }

    private void seed(byte[] seed) {
      for (int of = 0; of < lanes; of++) {
        for (int first = 0; first < 2; first++) {
          byte[] input = Arrays.copyOf(seed, seed.length + 8);
          input[seed.length] = (byte) first;
          input[seed.length + 4] = (byte) of;
          MemorySegment.copy(
              lengthened(input, BYTES), 0, memory, ValueLayout.JAVA_BYTE, place(of, first), BYTES);
        }
      }
    }

    private long place(int of, int index) {
      return ((long) of * lane + index) * BYTES;
    }

    private void fill() {
      int threads = Math.min(lanes, Runtime.getRuntime().availableProcessors());
      try (ExecutorService crew =
          Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory())) {
        for (int pass = 0; pass < passes; pass++) {
          for (int slice = 0; slice < SLICES; slice++) {
            together(crew, pass, slice);
          }
        }
      }
    }

    private void together(ExecutorService crew, int pass, int slice) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int of = 0; of < lanes; of++) {
        int number = of;
        tasks.add(() -> {
          new Segment(pass, number, slice).fill();
          return true;
        });
      }
      try {
        for (var done : crew.invokeAll(tasks)) {
          done.get();
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a key was derived", e);
      }
    }

    private byte[] sum() {
      long[] sum = new long[WORDS];
      long[] block = new long[WORDS];
      for (int of = 0; of < lanes; of++) {
        load(of, lane - 1, block);
        for (int word = 0; word < WORDS; word++) {
          sum[word] ^= block[word];
        }
      }
      byte[] bytes = new byte[BYTES];
      for (int word = 0; word < WORDS; word++) {
        LONG.set(bytes, word * 8, sum[word]);
      }
      memory.fill((byte) 0);
      return bytes;
    }

    private void load(int of, int index, long[] block) {
      MemorySegment.copy(memory, WORD, place(of, index), block, 0, WORDS);
    }

    /// A quarter of a lane.
    private final class Segment {
      private final int pass;
      private final int of;
      private final int slice;
      private final boolean blind;
      private final long[] addresses = new long[WORDS];
      private final long[] input = new long[WORDS];
      private final long[] previous = new long[WORDS];
      private final long[] reference = new long[WORDS];
      private final Argon2Block mixer = new Argon2Block();

      private Segment(int pass, int of, int slice) {
        this.pass = pass;
        this.of = of;
        this.slice = slice;
        this.blind = kind == Kind.I || (pass == 0 && slice < SLICES / 2);
        long[] position = {pass, of, slice, (long) lane * lanes, passes, kind.code};
        System.arraycopy(position, 0, input, 0, position.length);
      }

      private void fill() {
        int start = pass == 0 && slice == 0 ? 2 : 0;
        int at = slice * segment + start;
        load(of, at == 0 ? lane - 1 : at - 1, previous);
        for (int index = start; index < segment; index++, at++) {
          if (blind && (index % WORDS == 0 || index == start)) {
            nextAddresses();
          }
          long random = blind ? addresses[index % WORDS] : previous[0];
          step(at, index, random);
        }
      }

      private void nextAddresses() {
        input[6]++;
        Arrays.fill(addresses, 0);
        mixer.mix(addresses, input, addresses, false);
        System.arraycopy(addresses, 0, reference, 0, WORDS);
        Arrays.fill(addresses, 0);
        mixer.mix(addresses, reference, addresses, false);
      }

      private void step(int at, int index, long random) {
        int other = (int) Long.remainderUnsigned(random >>> 32, lanes);
        if (pass == 0 && slice == 0) {
          other = of;
        }
        load(other, referenced(index, random & 0xffff_ffffL, other == of), reference);
        boolean add = pass > 0;
        long[] target = reference;
        if (add) {
          mixer.remember(memory, place(of, at));
        }
        mixer.mix(previous, reference, target, add);
        MemorySegment.copy(target, 0, memory, WORD, place(of, at), WORDS);
        System.arraycopy(target, 0, previous, 0, WORDS);
      }

      private int referenced(int index, long random, boolean same) {
        long finished = pass == 0 ? (long) slice * segment : lane - segment;
        int own = index == 0 ? -1 : 0;
        long area = finished + (same ? index - 1 : own);
        long far = (area * ((random * random) >>> 32)) >>> 32;
        long first = pass == 0 || slice == SLICES - 1 ? 0 : (slice + 1L) * segment;
        return (int) ((first + area - 1 - far) % lane);
      }
    }
  }

  /// A word of a block in memory.
  static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
}
