package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.image.Allocation;
import dev.platter.image.Packing;
import dev.platter.image.Packing.OnePass;
import dev.platter.image.Packing.Run;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Writes the compressed units of a new image: compressed on all threads, placed in ascending order
/// by one of them at a time, written in large pieces.
final class PackWriter implements PackBatch.Sink {
  private static final int BUFFER = 1 << 20;

  private final Packing packing;
  private final Optional<OnePass> onePass;
  private final GuestBytes source;
  private final Allocation allocation;
  private final Output target;
  private final Zeros rule;
  private final Meter meter;
  private final Deque<Run> zeros = new ArrayDeque<>();
  private final Deque<Piece> settled = new ArrayDeque<>();
  private int run;
  private long covered;
  private long ticket;

  /// What becomes of units that turn out to be zeros.
  enum Zeros {
    /// They are stored like others.
    STORED,
    /// They are left out.
    LEFT_OUT,
    /// They are told, because a parent has other bytes.
    TOLD
  }

  /// Takes what is written, each part once; from a packing with an order in this order.
  @FunctionalInterface
  interface Output {
    void write(long position, MemorySegment bytes) throws IOException;
  }

  /// @param allocation runs of whole units, but for the disk's end; with runs of zeros only where
  ///   they must be told
  PackWriter(
      Packing packing,
      BlockDevice source,
      Allocation allocation,
      Output target,
      Zeros rule,
      Progress progress) {
    this.packing = packing;
    this.onePass = packing.onePass();
    this.source = new GuestBytes(source);
    this.allocation = allocation;
    this.target = target;
    this.rule = rule;
    this.meter = new Meter(progress, allocation.dataBytes());
  }

  /// Writes all units.
  ///
  /// @return the rest of the image
  Plan run(int threads) throws IOException {
    int count = 2 * threads + 1;
    BlockingQueue<PackBatch> free = new ArrayBlockingQueue<>(count);
    var order = new InOrder<PackBatch>(batch -> place(batch, free));
    List<PackBatch> batches = new ArrayList<>();
    try {
      for (int batch = 0; batch < count; batch++) {
        batches.add(new PackBatch(packing));
      }
      free.addAll(batches);
      Workers.run(threads, "pack", crew -> work(crew, free, order));
    } finally {
      batches.forEach(PackBatch::close);
    }
    while (!settled.isEmpty()) {
      write(settled.removeFirst());
    }
    meter.finish();
    return packing.finish(List.copyOf(zeros));
  }

  private void work(Workers crew, BlockingQueue<PackBatch> free, InOrder<PackBatch> order)
      throws IOException {
    try (Packing.Encoder encoder = packing.encoder()) {
      while (!crew.stopped()) {
        PackBatch batch = free.poll(50, TimeUnit.MILLISECONDS);
        if (batch == null) {
          continue;
        }
        if (!claim(batch)) {
          free.add(batch);
          return;
        }
        batch.encode(source, encoder, rule != Zeros.STORED);
        order.deliver(batch.ticket(), batch);
      }
    } catch (InterruptedException _) {
      throw new CancelledException();
    }
  }

  private void place(PackBatch batch, BlockingQueue<PackBatch> free) throws IOException {
    batch.place(this);
    meter.done(batch.bytes());
    free.add(batch);
  }

  /// Fills a batch with the next units, whether or not they follow each other on the disk.
  private synchronized boolean claim(PackBatch batch) {
    int unit = packing.unitSize();
    batch.clear(ticket);
    while (run < allocation.count() && !batch.full()) {
      long start = Math.max(allocation.start(run), covered);
      if (allocation.isZero(run)) {
        if (start < allocation.end(run)) {
          batch.addZeros(start, allocation.end(run) - start);
        }
        run++;
      } else if (start >= allocation.end(run)) {
        run++;
      } else {
        batch.add(start);
        covered = start + unit;
      }
    }
    if (batch.empty()) {
      return false;
    }
    ticket++;
    return true;
  }

  @Override
  public long place(long offset, int encoded) throws IOException {
    long position = packing.place(offset, encoded);
    onePass.ifPresent(order -> settled.addAll(order.settled()));
    return position;
  }

  @Override
  public void write(long position, MemorySegment units) throws IOException {
    while (!settled.isEmpty() && settled.getFirst().position() < position) {
      write(settled.removeFirst());
    }
    target.write(position, units);
  }

  private void write(Piece piece) throws IOException {
    if (!(piece instanceof Piece.Metadata(long position, long length, Plan.Source source))) {
      throw new IllegalStateException("a unit stands in front of the units: " + piece);
    }
    for (long done = 0; done < length; done += BUFFER) {
      MemorySegment part = MemorySegment.ofArray(new byte[(int) Math.min(BUFFER, length - done)]);
      source.fill(done, part);
      target.write(position + done, part);
    }
  }

  @Override
  public void zeros(Run next) throws IOException {
    if (rule != Zeros.TOLD) {
      return;
    }
    if (onePass.isPresent()) {
      onePass.get().zeros(next);
    } else if (!zeros.isEmpty()
        && zeros.getLast().offset() + zeros.getLast().length() == next.offset()) {
      Run last = zeros.removeLast();
      zeros.add(new Run(last.offset(), last.length() + next.length()));
    } else {
      zeros.add(next);
    }
  }
}
