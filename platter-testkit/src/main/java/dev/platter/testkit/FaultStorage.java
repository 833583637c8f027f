package dev.platter.testkit;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// A storage in memory that knows which of its bytes are durable, and that fails when it is told
/// to.
///
/// Everything changed since the last completed flush is pending. [#crash] answers what might be
/// found after a crash: any subset of the pending changes, writes torn at borders of 512 bytes, a
/// new size without the data and the data without other data. A flush that fails leaves its changes
/// pending for ever although later flushes succeed, as Linux does it. Closing does nothing, so that
/// the same bytes can be opened again.
public final class FaultStorage implements Storage {
  private static final int LOGGED = 10_000;
  private static final long CAPACITY = 256L << 20;

  private final String name;
  private final Deque<Event> log = new ArrayDeque<>();
  private final List<Entry> entries = new ArrayList<>();
  private SparseBytes durable;
  private SparseBytes visible;
  private int uncertain;
  private boolean lying;
  private Runnable beforeFlush = () -> {};
  private Optional<Plot> plot = Optional.empty();
  private long index;

  /// A kind of call.
  public enum Call {
    /// [Storage#read].
    READ,
    /// [Storage#write].
    WRITE,
    /// [Storage#zero], [Storage#punch] and [Storage#allocate].
    HINT,
    /// [Storage#resize].
    RESIZE,
    /// [Storage#flush].
    FLUSH;

    /// Every call.
    public static final Set<Call> ANY = Set.of(values());
  }

  /// What a failing call says.
  public enum Fault {
    /// The medium is broken.
    EIO("Input/output error"),
    /// The medium is full; reads, flushes and cuts never say so.
    ENOSPC("No space left on device");

    private final String message;

    Fault(String message) {
      this.message = message;
    }
  }

  /// How often a fault shows.
  public enum Times {
    /// One call fails, later ones work again.
    ONCE,
    /// Every later call of the kind fails too.
    FOR_EVER
  }

  /// A call that was made.
  ///
  /// @param index how many calls were made before
  /// @param length bytes; the new size of a [Call#RESIZE]
  public record Event(long index, Call call, long position, long length) {}

  /// A change since the last honest flush.
  ///
  /// @param sure whether a flush after it succeeded, so that only an earlier failed flush keeps it
  record Entry(Change change, boolean sure) {}

  private record Plot(Set<Call> calls, long nth, Fault fault, Times times, long seen) {}

  /// An empty storage.
  public FaultStorage(String name) {
    this(name, new SparseBytes());
  }

  FaultStorage(String name, SparseBytes content) {
    this.name = name;
    this.durable = content.copy();
    this.visible = content.copy();
  }

  /// A storage that durably holds what another one holds now.
  public static FaultStorage copyOf(Storage other) throws IOException {
    var content = new SparseBytes();
    byte[] bytes = new byte[64 << 10];
    long size = other.size();
    content.resize(size);
    for (long at = 0; at < size; at += bytes.length) {
      int step = (int) Math.min(bytes.length, size - at);
      MemorySegment part = MemorySegment.ofArray(bytes).asSlice(0, step);
      other.read(at, part);
      if (part.mismatch(MemorySegment.ofArray(new byte[step])) >= 0) {
        content.write(at, bytes, 0, step);
      }
    }
    return new FaultStorage(other.name(), content);
  }

  /// From now on the `nth` call (the first is 1) of one of the kinds fails.
  public synchronized void fail(Set<Call> calls, long nth, Fault fault, Times times) {
    plot = Optional.of(new Plot(calls, nth, fault, times, 0));
  }

  /// No call fails any more. Returns whether one has failed since [#fail].
  public synchronized boolean heal() {
    boolean fired = plot.isPresent() && plot.get().seen() >= plot.get().nth();
    plot = Optional.empty();
    return fired;
  }

  /// From now on flushes succeed and do nothing: for testing that a test notices.
  public synchronized void lieAboutFlushes() {
    lying = true;
  }

  /// Runs something at the start of every later flush, while its changes are still pending.
  public void beforeFlush(Runnable action) {
    beforeFlush = action;
  }

  /// The last calls, at most 10 000.
  public synchronized List<Event> log() {
    return List.copyOf(log);
  }

  /// How many changes might be lost in a crash now.
  public synchronized int pending() {
    return entries.size();
  }

  /// This storage as it might be found after a crash now; growth reads as zeros.
  public FaultStorage crash(RandomGenerator dice) {
    return crash(dice, Change.Gap.ZEROS);
  }

  /// The same, but where a file grew and the data did not arrive stands garbage.
  public FaultStorage crashWithGarbage(RandomGenerator dice) {
    return crash(dice, Change.Gap.GARBAGE);
  }

  private synchronized FaultStorage crash(RandomGenerator dice, Change.Gap gap) {
    var point = CrashPoint.of(List.of(this));
    return point.restore(Survival.random(point, dice), gap).getFirst();
  }

  synchronized SparseBytes durable() {
    return durable.copy();
  }

  synchronized SparseBytes visible() {
    return visible.copy();
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  private void call(Call call, long position, long length) throws IOException {
    if (log.size() == LOGGED) {
      log.removeFirst();
    }
    log.addLast(new Event(index++, call, position, length));
    if (plot.isEmpty() || !plot.get().calls().contains(call)) {
      return;
    }
    Plot now = plot.get();
    boolean growing = call != Call.READ && call != Call.FLUSH;
    if (now.fault() == Fault.ENOSPC && !growing) {
      return;
    }
    long seen = now.seen() + 1;
    plot = Optional.of(new Plot(now.calls(), now.nth(), now.fault(), now.times(), seen));
    if (seen == now.nth() || (seen > now.nth() && now.times() == Times.FOR_EVER)) {
      throw new IOException(name + ": " + now.fault().message);
    }
  }

  private void change(Change change) throws IOException {
    if (visible.populated() > CAPACITY) {
      throw new IOException(name + ": " + Fault.ENOSPC.message);
    }
    change.apply(visible, Change.Gap.ZEROS);
    entries.add(new Entry(change, false));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public synchronized long size() {
    return visible.size();
  }

  @Override
  public synchronized void read(long position, MemorySegment target) throws IOException {
    call(Call.READ, position, target.byteSize());
    visible.read(name, position, target);
  }

  @Override
  public synchronized void write(long position, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(position, source.byteSize(), Long.MAX_VALUE);
    call(Call.WRITE, position, source.byteSize());
    if (source.byteSize() == 0) {
      return;
    }
    long end = position + source.byteSize();
    if (end > visible.size()) {
      // a file system may make the size durable before the data, or without it
      change(new Change.Grow(end));
    }
    change(new Change.Write(position, source.toArray(ValueLayout.JAVA_BYTE)));
  }

  @Override
  public synchronized void resize(long size) throws IOException {
    call(Call.RESIZE, 0, size);
    change(size < visible.size() ? new Change.Cut(size) : new Change.Grow(size));
  }

  @Override
  public void flush() throws IOException {
    beforeFlush.run();
    synchronized (this) {
      try {
        call(Call.FLUSH, 0, 0);
      } catch (IOException e) {
        uncertain = entries.size();
        throw e;
      }
      settle();
    }
  }

  private void settle() {
    if (lying) {
      return;
    }
    if (uncertain > 0) {
      for (int at = uncertain; at < entries.size(); at++) {
        entries.set(at, new Entry(entries.get(at).change(), true));
      }
      return;
    }
    entries.clear();
    durable = visible.copy();
  }

  @Override
  public synchronized void zero(long position, long length) throws IOException {
    call(Call.HINT, position, length);
    change(new Change.Clear(position, length));
  }

  @Override
  public synchronized void punch(long position, long length) throws IOException {
    zero(position, length);
  }

  @Override
  public synchronized void allocate(long position, long length) throws IOException {
    call(Call.HINT, position, length);
    long end = Math.addExact(position, length);
    if (end > visible.size()) {
      change(new Change.Grow(end));
    }
  }

  @Override
  public synchronized Run run(long position, long length) {
    Objects.checkFromIndexSize(position, length, visible.size());
    boolean data = visible.populatedAt(position);
    long end = SparseBytes.nextPage(position);
    while (end < position + length && visible.populatedAt(end) == data) {
      end = SparseBytes.nextPage(end);
    }
    return new Run(data ? Run.Kind.DATA : Run.Kind.HOLE, Math.min(end - position, length));
  }

  @Override
  public synchronized long allocated() {
    return visible.populated();
  }

  @Override
  public Optional<Path> path() {
    return Optional.empty();
  }

  @Override
  public Object identity() {
    return this;
  }

  @Override
  public void close() {
    // the bytes stay: a test opens them again
  }
}
