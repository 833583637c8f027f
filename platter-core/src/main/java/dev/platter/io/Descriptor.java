package dev.platter.io;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// The number of an open file, kept from being closed while a call uses it: the system would give
/// the number to the next file that is opened, and the call would go there.
final class Descriptor {
  private static final int CLOSED = Integer.MIN_VALUE;
  private final String name;
  private final int number;

  /// How many calls use the number; negative once it is being closed.
  private final AtomicInteger users = new AtomicInteger();

  private final CountDownLatch idle = new CountDownLatch(1);

  Descriptor(String name, int number) {
    this.name = name;
    this.number = number;
  }

  /// The number, valid until [#release].
  int acquire() throws IOException {
    int before;
    do {
      before = users.get();
      if (before < 0) {
        throw new IOException(name + ": is closed");
      }
    } while (!users.compareAndSet(before, before + 1));
    return number;
  }

  /// Ends a use that began with [#acquire].
  void release() {
    if (users.decrementAndGet() == CLOSED) {
      idle.countDown();
    }
  }

  /// Lets no further call in, waits for those that run, and closes; does nothing the second time.
  void close() throws IOException {
    int before = users.getAndUpdate(count -> count | CLOSED);
    if (before < 0) {
      return;
    }
    if (before > 0) {
      awaitIdle();
    }
    long result = Kernel.call(Kernel.Call.CLOSE, number, 0, 0, 0);
    // interrupted or not, the number is free
    if (result < 0 && result != -Errno.EINTR) {
      throw Errno.failure(name, "cannot be closed properly", result);
    }
  }

  private void awaitIdle() {
    boolean interrupted = false;
    while (true) {
      try {
        idle.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
