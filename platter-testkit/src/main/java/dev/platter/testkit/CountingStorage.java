package dev.platter.testkit;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// A storage that counts what is asked of it, and ends what asks without end.
public final class CountingStorage implements ForwardingStorage {
  private final Storage inner;
  private final long budget;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();

  /// Thrown where a storage was asked more often than anything honest would.
  public static final class OverBudget extends Error {
    private static final long serialVersionUID = 1;

    private OverBudget(String message) {
      super(message);
    }
  }

  /// Counts without end.
  public CountingStorage(Storage inner) {
    this(inner, Long.MAX_VALUE);
  }

  /// @param budget calls after which [OverBudget] is thrown
  public CountingStorage(Storage inner, long budget) {
    this.inner = inner;
    this.budget = budget;
  }

  /// Calls so far.
  public long calls() {
    return calls.get();
  }

  /// Bytes that were asked for, also beyond the end.
  public long bytesRead() {
    return bytesRead.get();
  }

  @Override
  public Storage inner() {
    return inner;
  }

  private void count() {
    if (calls.incrementAndGet() > budget) {
      throw new OverBudget(name() + ": more than " + budget + " calls");
    }
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    count();
    bytesRead.addAndGet(target.byteSize());
    inner.read(position, target);
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    count();
    inner.write(position, source);
  }

  @Override
  public long size() throws IOException {
    count();
    return inner.size();
  }

  @Override
  public Run run(long position, long length) throws IOException {
    count();
    return inner.run(position, length);
  }
}
