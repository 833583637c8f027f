package dev.platter.testkit;

import com.sun.management.ThreadMXBean;
import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Damages an image in many small ways and looks at what becomes of it.
///
/// Allowed is an answer, or an [IOException] with one sentence. Never another exception, an endless
/// loop, much memory, or many reads for the little that `info` tells.
public final class Mutants {
  private static final long MEMORY = 1L << 30;
  private static final int SECTOR = 512;
  private static final long CALLS = 2_000_000;
  private static final int PATIENCE_SECONDS = 20;
  private final Lab lab;
  private final String name;
  private final byte[] sound;
  private final byte[] disk;

  /// What became of a mutant.
  public enum Outcome {
    /// Read as if nothing had happened.
    RIGHT,
    /// Refused with a sentence, when it was opened or read.
    REFUSED,
    /// Read with other bytes, and a check said that something is wrong.
    REPORTED,
    /// Read with other bytes, and no check noticed: a format without checksums cannot.
    SILENT
  }

  /// What became of all mutants.
  ///
  /// @param counts how many came to which end
  /// @param silent which ones nobody noticed
  public record Report(Map<Outcome, Integer> counts, List<String> silent) {}

  /// Damages copies of an image in a lab; the image itself is left alone.
  public Mutants(Lab lab, String name) throws IOException {
    this.lab = lab;
    this.name = name;
    SparseBytes bytes = lab.folder().file(name).visible();
    this.sound = new byte[Math.toIntExact(bytes.size())];
    bytes.read(name, 0, MemorySegment.ofArray(sound));
    try (Disk whole = lab.open(name, Access.READ)) {
      this.disk = Lab.content(whole);
    }
  }

  /// Flips bits of the metadata, which is everything in the file that is not mapped as guest data:
  /// of the sectors that hold anything at all, and a few of the empty ones.
  ///
  /// @param most how many bits at most; all of them if there are not more
  public Report flipBits(long most) throws IOException {
    boolean[] guest = guestBytes();
    var used = new ArrayList<Integer>();
    var empty = new ArrayList<Integer>();
    for (int sector = 0; sector < sound.length; sector += SECTOR) {
      int end = Math.min(sector + SECTOR, sound.length);
      List<Integer> bytes = allZero(sector, end) ? empty : used;
      for (int at = sector; at < end; at++) {
        if (!guest[at]) {
          bytes.add(at);
        }
      }
    }
    var cases = new ArrayList<>(flips(used, most));
    cases.addAll(flips(empty, Math.max(1, most / 8)));
    return all(cases);
  }

  private boolean allZero(int start, int end) {
    for (int at = start; at < end; at++) {
      if (sound[at] != 0) {
        return false;
      }
    }
    return true;
  }

  private List<Damage> flips(List<Integer> bytes, long most) {
    long bits = bytes.size() * 8L;
    // an odd step meets every bit of a byte
    long step = bits <= most ? 1 : bits / most | 1;
    var flips = new ArrayList<Damage>();
    for (long next = 0; next < bits; next += step) {
      flips.add(flip(bytes.get((int) (next / 8)), (int) (next % 8)));
    }
    return flips;
  }

  private Damage flip(int at, int bit) {
    return new Damage(
        String.format("bit %d of byte 0x%x", bit, at),
        () -> {
          byte[] copy = sound.clone();
          copy[at] ^= (byte) (1 << bit);
          return copy;
        });
  }

  /// Cuts the file after every multiple of `step` bytes.
  public Report truncate(int step) {
    var cases = new ArrayList<Damage>();
    for (int length = 0; length < sound.length; length += step) {
      int end = length;
      cases.add(new Damage("cut to " + end, () -> Arrays.copyOf(sound, end)));
    }
    return all(cases);
  }

  private record Damage(String what, Supplier<byte[]> bytes) {}

  private boolean[] guestBytes() throws IOException {
    boolean[] guest = new boolean[sound.length];
    try (Disk whole = lab.open(name, Access.READ)) {
      Object main = whole.top().storages().getFirst().identity();
      for (long at = 0; at < whole.size(); ) {
        var extent = whole.extent(at, whole.size() - at);
        boolean here = extent.storage().filter(s -> s.identity().equals(main)).isPresent();
        if (here && extent.depth() == 0 && extent.position() >= 0) {
          long end = Math.min(extent.position() + extent.length(), guest.length);
          Arrays.fill(guest, (int) Math.min(extent.position(), end), (int) end, true);
        }
        at = extent.end();
      }
    }
    return guest;
  }

  private Report all(List<Damage> cases) {
    var counts = new LinkedHashMap<Outcome, Integer>();
    var silent = new ArrayList<String>();
    try (var worker = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
      for (Damage damage : cases) {
        var task = worker.submit(() -> fate(damage));
        Outcome outcome = await(damage, task);
        counts.merge(outcome, 1, Integer::sum);
        if (outcome == Outcome.SILENT) {
          silent.add(damage.what);
        }
      }
    }
    return new Report(counts, silent);
  }

  private Outcome await(Damage damage, Future<Outcome> task) {
    try {
      return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(
          lab.variant(name) + " with " + damage.what + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError(lab.variant(name) + " with " + damage.what + " hangs", e);
    }
  }

  private Outcome fate(Damage damage) {
    byte[] bytes = damage.bytes.get();
    var content = new SparseBytes();
    content.write(0, bytes);
    Lab damaged = lab.with(List.of(new FaultStorage(name, content)));
    var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = memory.getCurrentThreadAllocatedBytes();
    probe(damaged);
    describe(damaged, bytes.length);
    boolean reported = reported(damaged);
    Outcome outcome = read(damaged, reported);
    write(damaged);
    long taken = memory.getCurrentThreadAllocatedBytes() - before;
    if (taken > MEMORY + 64L * (sound.length + disk.length)) {
      throw new AssertionError("takes " + taken + " bytes of memory");
    }
    return outcome;
  }

  private CountingStorage storage(Lab damaged) {
    return new CountingStorage(damaged.folder().open(name, Access.READ), CALLS);
  }

  private void probe(Lab damaged) {
    try {
      ImageFormat.Probe answer = lab.variant(name).format().probe(storage(damaged));
      if (answer instanceof ImageFormat.Probe.Broken(String why) && why.isBlank()) {
        throw new AssertionError("is broken and does not say why");
      }
    } catch (IOException e) {
      sentence(e);
    }
  }

  private void describe(Lab damaged, long length) {
    CountingStorage storage = storage(damaged);
    try (Disk opened = damaged.open(storage, name, Access.READ, Purpose.INFO)) {
      opened.top().info();
      long most = 4 * length + (16 << 20);
      if (storage.bytesRead() > most) {
        throw new AssertionError("info reads " + storage.bytesRead() + " of " + length + " bytes");
      }
      if (opened.top() instanceof Dumpable dumpable) {
        dumpable.dump(new DumpCheck(Long.MAX_VALUE));
      }
    } catch (IOException e) {
      sentence(e);
    }
  }

  private boolean reported(Lab damaged) {
    try (Disk opened = damaged.open(storage(damaged), name, Access.READ, Purpose.CHECK)) {
      List<Finding> findings = ClaimSweep.check(opened.top());
      return !findings.isEmpty();
    } catch (IOException e) {
      sentence(e);
      return true;
    }
  }

  private Outcome read(Lab damaged, boolean reported) {
    try (Disk opened = damaged.open(storage(damaged), name, Access.READ, Purpose.DATA)) {
      boolean right = opened.size() == disk.length;
      byte[] part = new byte[(int) Math.min(opened.size(), disk.length)];
      opened.read(0, MemorySegment.ofArray(part));
      walk(opened);
      right &= Stamp.difference(disk, part).isEmpty();
      return right ? Outcome.RIGHT : reported ? Outcome.REPORTED : Outcome.SILENT;
    } catch (IOException e) {
      sentence(e);
      return Outcome.REFUSED;
    }
  }

  /// A size that was made enormous has more extents than anybody waits for.
  private static void walk(Disk opened) throws IOException {
    int steps = 0;
    for (long at = 0; at < opened.size() && steps < 10_000; steps++) {
      at = opened.extent(at, opened.size() - at).end();
    }
  }

  /// A damaged image may be written by somebody who did not notice.
  private void write(Lab damaged) {
    try (Disk opened =
        damaged.open(
            new CountingStorage(damaged.folder().open(name, Access.WRITE), CALLS),
            name,
            Access.WRITE,
            Purpose.DATA)) {
      long place = Math.max(Math.min(opened.size(), disk.length) / 2 - 700, 0);
      int length = (int) Math.min(1400, opened.size() - place);
      if (length > 0) {
        opened.write(place, Stamp.segment(place, length, 4_000_000));
        opened.zero(place, length / 2, Room.RELEASE);
        opened.flush();
      }
    } catch (IOException e) {
      sentence(e);
    }
  }

  private static void sentence(IOException e) {
    String message = e.getMessage();
    if (message == null || message.isBlank() || message.contains("\n")) {
      throw new AssertionError("does not say in one sentence what is wrong", e);
    }
  }
}
