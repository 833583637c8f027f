package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.image.Allocation;
import dev.platter.image.Packing;
import dev.platter.image.Packing.Run;
import dev.platter.image.Plan;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Writes the compressed units of a new image: compressed on all threads, placed in ascending order
/// by one of them at a time, written in large pieces.
final class PackWriter {
  private final Packing packing;
  private final GuestBytes source;
  private final Allocation allocation;
  private final Storage target;
  private final Zeros rule;
  private final Meter meter;
  private final List<Run> zeros = new ArrayList<>();
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

  /// @param allocation runs of whole units, but for the disk's end; with runs of zeros only where
  ///   they must be told
  PackWriter(
      Packing packing,
      BlockDevice source,
      Allocation allocation,
      Storage target,
      Zeros rule,
      Progress progress) {
    this.packing = packing;
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
    meter.finish();
    return packing.finish(sorted());
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
    batch.place(packing, target, this::addZero);
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
        addZero(start, allocation.end(run) - start);
        run++;
      } else if (start >= allocation.end(run)) {
        run++;
      } else {
        batch.add(start);
        covered = start + unit;
      }
    }
    if (batch.bytes() == 0) {
      return false;
    }
    ticket++;
    return true;
  }

  private void addZero(long offset, long length) {
    if (rule == Zeros.TOLD) {
      synchronized (zeros) {
        zeros.add(new Run(offset, length));
      }
    }
  }

  private List<Run> sorted() {
    zeros.sort(Comparator.comparingLong(Run::offset));
    List<Run> merged = new ArrayList<>();
    for (Run next : zeros) {
      if (!merged.isEmpty()
          && merged.getLast().offset() + merged.getLast().length() == next.offset()) {
        Run last = merged.removeLast();
        merged.add(new Run(last.offset(), last.length() + next.length()));
      } else {
        merged.add(next);
      }
    }
    return merged;
  }
}
