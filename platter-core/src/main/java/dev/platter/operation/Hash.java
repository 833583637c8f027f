package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Extent;
import dev.platter.Zeros;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The digest of all bytes of a disk: the same for every format, and that of the raw disk. What the
/// map calls zeros is not read.
///
/// @param disk the disk
/// @param algorithm a name of a `MessageDigest`, such as `SHA-256`
/// @param shape how the bytes become one digest
/// @param threads how many threads read ahead, or digest where the shape allows it
/// @param progress who hears how far it is
public record Hash(
    BlockDevice disk, String algorithm, Shape shape, int threads, Progress progress) {
  private static final int LEAF = 1 << 20;
  private static final long ZEROS_AT_ONCE = 64L << 20;

  /// How the bytes become one digest.
  public enum Shape {
    /// One after the other, as `sha256sum` does it.
    PLAIN,
    /// A digest of each megabyte, then of each two digests, up to one: the tree hash of Amazon's
    /// archives. All cores work on it, and large runs of zeros cost nothing.
    TREE
  }

  /// SHA-256 of the bytes, one after the other.
  public static Hash of(BlockDevice disk) {
    return new Hash(disk, "SHA-256", Shape.PLAIN, Workers.cores(), Progress.none());
  }

  /// Computes the digest.
  ///
  /// @throws IllegalArgumentException if there is no such algorithm
  public byte[] run() throws IOException {
    return new Walk().run();
  }

  private MessageDigest digest() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException("there is no digest '" + algorithm + "'", e);
    }
  }

  /// Leaves that follow each other: one that was read, or any number of zeros.
  ///
  /// @param ticket its place in the order
  private record Part(long ticket, long start, long length, boolean zeros) {}

  /// A part on its way into the digest.
  ///
  /// @param bytes what was read, for a plain digest
  /// @param leaf its digest, for a tree
  private record Done(Part part, Optional<Buffers.Lease> bytes, ByteBuffer leaf) {}

  private final class Walk {
    private final long size = disk.size();
    private final Meter meter = new Meter(progress, size);
    private final MessageDigest whole = digest();
    private final TreeDigest tree = new TreeDigest(digest(), LEAF);
    private final InOrder<Done> order = new InOrder<>(this::take);
    private final Semaphore ahead = new Semaphore(4 * threads);
    private long at;
    private long tickets;

    private byte[] run() throws IOException {
      Workers.run(threads, "hash", this::work);
      meter.finish();
      return shape == Shape.TREE ? tree.root() : whole.digest();
    }

    private void work(Workers crew) throws IOException {
      MessageDigest own = digest();
      try {
        while (!crew.stopped()) {
          if (!ahead.tryAcquire(50, TimeUnit.MILLISECONDS)) {
            continue;
          }
          Optional<Part> part = next();
          if (part.isEmpty()) {
            ahead.release();
            return;
          }
          order.deliver(part.get().ticket(), read(part.get(), own));
        }
      } catch (InterruptedException _) {
        throw new CancelledException();
      }
    }

    private synchronized Optional<Part> next() throws IOException {
      if (at == size) {
        return Optional.empty();
      }
      long start = at;
      Extent extent = disk.extent(start, size - start);
      long end = extent.end() == size ? size : extent.end() / LEAF * LEAF;
      boolean zeros = extent.kind().isZero() && end > start;
      at = zeros ? Math.min(end, start + ZEROS_AT_ONCE) : Math.min(start + LEAF, size);
      return Optional.of(new Part(tickets++, start, at - start, zeros));
    }

    private Done read(Part part, MessageDigest own) throws IOException {
      if (part.zeros()) {
        return new Done(part, Optional.empty(), ByteBuffer.allocate(0));
      }
      Buffers.Lease lease = Buffers.lease(part.length());
      boolean kept = false;
      try {
        disk.read(part.start(), lease.segment());
        if (shape == Shape.TREE) {
          own.update(lease.segment().asByteBuffer());
          return new Done(part, Optional.empty(), ByteBuffer.wrap(own.digest()));
        }
        kept = true;
        return new Done(part, Optional.of(lease), ByteBuffer.allocate(0));
      } finally {
        if (!kept) {
          lease.close();
        }
      }
    }

    /// Called in the order of the disk, by one thread at a time.
    private void take(Done done) throws IOException {
      Part part = done.part();
      if (shape == Shape.TREE) {
        if (part.zeros()) {
          tree.zeros(part.length());
        } else {
          tree.leaf(done.leaf().array());
        }
      } else if (done.bytes().isPresent()) {
        try (Buffers.Lease lease = done.bytes().get()) {
          whole.update(lease.segment().asByteBuffer());
        }
      } else {
        addZeros(part.length());
      }
      ahead.release();
      meter.done(part.length());
    }

    private void addZeros(long length) {
      MemorySegment zeros = Zeros.segment();
      for (long rest = length; rest > 0; rest -= zeros.byteSize()) {
        whole.update(zeros.asSlice(0, Math.min(rest, zeros.byteSize())).asByteBuffer());
      }
    }
  }
}
