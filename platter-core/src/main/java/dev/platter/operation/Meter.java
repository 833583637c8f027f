package dev.platter.operation;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Counts work that many threads do, and tells a [Progress] about it.
final class Meter {
  private final Progress progress;
  private final AtomicLong done = new AtomicLong();
  private final ReentrantLock reporting = new ReentrantLock();
  private volatile long total;
  private long reported;

  Meter(Progress progress, long total) {
    this.progress = progress;
    this.total = total;
  }

  /// There is more or less to do than was thought.
  void total(long bytes) {
    total = bytes;
  }

  /// So much was done.
  ///
  /// @throws CancelledException if the work shall stop
  void done(long bytes) throws CancelledException {
    done.addAndGet(bytes);
    progress.checkpoint();
    if (reporting.tryLock()) {
      try {
        report();
      } finally {
        reporting.unlock();
      }
    }
  }

  /// All is done.
  void finish() {
    reporting.lock();
    try {
      report();
    } finally {
      reporting.unlock();
    }
  }

  private void report() {
    long now = Math.min(done.get(), total);
    if (now > reported) {
      reported = now;
      progress.report(now, total);
    }
  }
}
