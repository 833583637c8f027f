package dev.platter.operation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// A few threads that do one piece of work together and are gone when it is done.
///
/// They are threads of their own because a file channel closes when a thread that uses it is
/// interrupted, and nobody knows who interrupts the caller's.
final class Workers {
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private Workers() {}

  /// What each thread does until there is nothing left, or [#stopped].
  @FunctionalInterface
  interface Task {
    void work(Workers crew) throws IOException;
  }

  /// As many threads as there are cores.
  static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /// Runs `task` on some threads at once and returns when all have ended.
  ///
  /// @param what what the threads are named after
  /// @throws IOException the first failure, with the others suppressed
  static void run(int threads, String what, Task task) throws IOException {
    var crew = new Workers();
    List<Thread> started = new ArrayList<>();
    for (int number = 1; number <= threads; number++) {
      started.add(
          Thread.ofPlatform()
              .name("platter-" + what + "-" + number)
              .daemon()
              .start(() -> crew.perform(task)));
    }
    crew.await(started);
    crew.rethrow();
  }

  /// Whether another thread failed, so that going on is in vain.
  boolean stopped() {
    return failure.get() != null;
  }

  private void perform(Task task) {
    try {
      task.work(this);
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  /// Records why the work cannot be finished.
  private void fail(Throwable e) {
    Throwable first = failure.compareAndExchange(null, e);
    if (first != null && !first.equals(e) && !(e instanceof CancelledException)) {
      first.addSuppressed(e);
    }
  }

  private void await(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true;
          fail(new CancelledException());
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void rethrow() throws IOException {
    switch (failure.get()) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }
}
