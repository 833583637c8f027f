package dev.platter.cli;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Whether the user wants the run to stop (Ctrl-C). A run that has something half-made says so, and
/// the process then waits until that is gone.
final class Interruption {
  private static final int PATIENCE_SECONDS = 60;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile boolean requested;
  private volatile boolean halfMade;
  private volatile Optional<Runnable> closing = Optional.empty();

  /// Asks the run to stop.
  void request() {
    requested = true;
  }

  /// Whether it was asked to.
  boolean requested() {
    return requested;
  }

  /// From now on the process ends only when the run has ended by itself.
  void protect() {
    halfMade = true;
  }

  /// From now on, until the next [#protect], the run waits for something that may never come: when
  /// it is stopped, this is done in its place.
  void waiting(Runnable action) {
    closing = Optional.of(action);
    halfMade = false;
  }

  /// Makes signals that end the process ask the run to stop.
  void listen() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "interruption"));
  }

  private void stop() {
    request();
    if (!halfMade) {
      if (finished.getCount() > 0) {
        closing.ifPresent(Runnable::run);
      }
      return;
    }
    try {
      if (finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        // the run ends the process with its own code; the signal's would come from here
        Thread.sleep(PATIENCE_SECONDS * 1000L);
      } else {
        System.err.println("platter: ended before everything was put in order");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// The run has ended.
  void finished() {
    finished.countDown();
  }
}
