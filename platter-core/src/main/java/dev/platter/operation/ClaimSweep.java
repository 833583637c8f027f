package dev.platter.operation;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// Sweeps the claims of an image's structures over its file: a bit a unit, in windows of bounded
/// memory. Who the owners of a unit are is only asked where there are several.
final class ClaimSweep {
  /// Units of a window: 16 MiB of bits, and as many for overlaps.
  private static final int WINDOW = 1 << 27;

  private static final int NAMED_UNITS = 1000;

  private final Claiming image;
  private final FindingCounter findings;
  private final Progress progress;
  private final String name;
  private final long unit;
  private final long base;
  private final long fileSize;
  private final long units;
  private long end;

  ClaimSweep(Claiming image, FindingCounter findings, Progress progress) throws IOException {
    this.image = image;
    this.findings = findings;
    this.progress = progress;
    this.unit = image.claimUnit();
    this.base = image.claimBase();
    this.name = image.storages().getFirst().name();
    this.fileSize = image.storages().getFirst().size();
    this.units = Math.max(fileSize - base + unit - 1, 0) / unit;
  }

  /// Sweeps.
  ///
  /// @return the position behind the last unit that is claimed
  OptionalLong run() throws IOException {
    outline();
    for (long first = 0; first < units; first += WINDOW) {
      progress.checkpoint();
      window(first, Math.min(first + WINDOW, units));
      progress.report(Math.min(first + WINDOW, units), units);
    }
    return end == 0 ? OptionalLong.empty() : OptionalLong.of(end);
  }

  /// Claims that end behind the file, and those in front of the units, which are few.
  private void outline() throws IOException {
    List<Claim> front = new ArrayList<>();
    long limit = Math.max(base + units * unit, fileSize);
    image.claims(claim -> {
      long claimEnd = endOf(claim);
      if (claim.position() < 0 || claim.length() < 1 || claimEnd > limit) {
        findings.add(
            Finding.corruption(
                name + ": " + place(claim) + " ends behind the file's end at " + fileSize,
                "what it has there cannot be read"));
        return;
      }
      end = Math.max(end, claimEnd > base ? base + up(claimEnd - base) : claimEnd);
      if (claim.position() < base && front.size() < NAMED_UNITS) {
        front.add(claim);
      }
    });
    front.sort(Comparator.comparingLong(Claim::position));
    for (int index = 1; index < front.size(); index++) {
      Claim earlier = front.get(index - 1);
      Claim later = front.get(index);
      if (later.position() < Math.min(earlier.end(), base)) {
        overlap(later.position(), List.of(earlier, later));
      }
    }
  }

  private void window(long first, long last) throws IOException {
    var claimed = new BitSet();
    var twice = new BitSet();
    image.claims(claim -> {
      int from = index(claim.position(), first, last);
      int to = indexUp(endOf(claim), first, last);
      if (from < to) {
        mark(claimed, twice, from, to);
      }
    });
    if (!twice.isEmpty()) {
      nameOwners(twice, first, last);
    }
    if (image.unclaimed() == Claiming.Unclaimed.LEAK) {
      leaks(claimed, first, last);
    }
  }

  private static void mark(BitSet claimed, BitSet twice, int from, int to) {
    int taken = claimed.nextSetBit(from);
    while (taken >= 0 && taken < to) {
      int free = Math.min(claimed.nextClearBit(taken), to);
      twice.set(taken, free);
      taken = claimed.nextSetBit(free);
    }
    claimed.set(from, to);
  }

  private void nameOwners(BitSet twice, long first, long last) throws IOException {
    Map<Integer, List<Claim>> owners = new HashMap<>();
    image.claims(claim -> {
      int to = indexUp(endOf(claim), first, last);
      int at = twice.nextSetBit(index(claim.position(), first, last));
      while (at >= 0 && at < to) {
        if (owners.size() < NAMED_UNITS || owners.containsKey(at)) {
          List<Claim> those = owners.computeIfAbsent(at, _ -> new ArrayList<>());
          if (those.size() < 4) {
            those.add(claim);
          }
        }
        at = twice.nextSetBit(at + 1);
      }
    });
    for (int at = twice.nextSetBit(0); at >= 0; at = twice.nextSetBit(at + 1)) {
      overlap(base + (first + at) * unit, owners.getOrDefault(at, List.of()));
    }
  }

  private void overlap(long position, List<Claim> owners) {
    String who =
        owners.isEmpty()
            ? "several structures"
            : owners.stream().map(ClaimSweep::place).collect(Collectors.joining(" and "));
    findings.add(
        Finding.corruption(
            name + ": " + who + " both have the bytes at " + position,
            "a change of one changes the other"));
  }

  private void leaks(BitSet claimed, long first, long last) {
    int count = (int) (last - first);
    for (int free = claimed.nextClearBit(0); free < count; ) {
      int taken = claimed.nextSetBit(free);
      int to = taken < 0 ? count : taken;
      findings.add(
          Finding.leak(
              name
                  + ": nothing refers to "
                  + (to - free)
                  + " units at "
                  + (base + (first + free) * unit)),
          to - free);
      free = claimed.nextClearBit(to);
    }
  }

  private static String place(Claim claim) {
    return claim.owner() + " (" + claim.position() + ", " + claim.length() + " bytes)";
  }

  private static long endOf(Claim claim) {
    return claim.position() < 0
            || claim.length() < 1
            || claim.position() > Long.MAX_VALUE - claim.length()
        ? Long.MAX_VALUE
        : claim.end();
  }

  private int index(long position, long first, long last) {
    long number = Math.max(position - base, 0) / unit;
    return (int) (Math.clamp(number, first, last) - first);
  }

  private int indexUp(long position, long first, long last) {
    if (position == Long.MAX_VALUE) {
      // already told; it must not be taken for the owner of all the rest
      return 0;
    }
    long number = up(Math.max(position - base, 0)) / unit;
    return (int) (Math.clamp(number, first, last) - first);
  }

  private long up(long bytes) {
    return (bytes + unit - 1) / unit * unit;
  }
}
