package dev.platter.operation;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Brings results of work that was done side by side back into the order in which it was given out.
/// A result is handled by whichever thread fills the gap before it, one thread at a time, while the
/// others go on.
final class InOrder<T> {
  private final Sink<T> sink;
  private final Map<Long, T> early = new HashMap<>();
  private long next;
  private boolean busy;

  InOrder(Sink<T> sink) {
    this.sink = sink;
  }

  /// Takes results in order.
  @FunctionalInterface
  interface Sink<T> {
    void accept(T result) throws IOException;
  }

  /// Delivers the result of a ticket; tickets are counted from 0 without a gap.
  void deliver(long ticket, T result) throws IOException {
    synchronized (this) {
      early.put(ticket, result);
      if (busy) {
        return;
      }
      busy = true;
    }
    for (T head = take(); head != null; head = take()) {
      sink.accept(head);
    }
  }

  private synchronized T take() {
    T head = early.remove(next);
    if (head == null) {
      busy = false;
    } else {
      next++;
    }
    return head;
  }
}
