package dev.platter.format.qcow;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.io.Storage;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// What the tables of an image say about its file.
final class Qcow1Check {
  /// Clusters of the file in which compressed clusters are looked for in one walk.
  private static final int WINDOW = 1 << 26;

  private final Qcow1Tables tables;
  private final Qcow1Header header;
  private final TwoLevelMap map;
  private final Storage storage;

  Qcow1Check(Qcow1Tables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  void claims(Consumer<Claim> sink) throws IOException {
    head().forEach(sink);
    boolean[] encoded = new boolean[1];
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            sink.accept(
                new Claim("L2 table " + index, entry, Long.BYTES * (long) header.entries()));
            return tables.sensible(entry) && tables.inFile(entry);
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            if (Qcow1Entry.compressed(entry)) {
              encoded[0] = true;
              encodedOutside(block, count, entry, sink);
            } else {
              stored(block, count, entry, sink);
            }
          }
        });
    if (encoded[0]) {
      encodedInside(sink);
    }
  }

  /// Header, L1 table and name, those that are in one cluster together.
  private List<Claim> head() throws IOException {
    var parts = new ArrayList<Claim>();
    parts.add(new Claim("header", 0, Qcow1Header.STRUCT.size()));
    if (header.tables() > 0) {
      parts.add(new Claim("L1 table", header.tablePosition(), tableBytes()));
    }
    if (header.hasBacking()) {
      parts.add(new Claim("parent's name", header.backingPosition(), header.backingLength()));
    }
    parts.sort(Comparator.comparingLong(Claim::position));
    var claims = new ArrayList<Claim>();
    for (Claim part : parts) {
      if (!claims.isEmpty() && part.position() < header.up(claims.getLast().end())) {
        Claim before = claims.removeLast();
        long end = Math.max(before.end(), part.end());
        String owner = before.owner() + ", " + part.owner();
        claims.add(new Claim(owner, before.position(), end - before.position()));
      } else {
        claims.add(part);
      }
    }
    return claims;
  }

  /// Bytes of the L1 table with the rest of its last 512, which QEMU does not use, if nobody does.
  private long tableBytes() throws IOException {
    long bytes = Long.BYTES * header.tables();
    long padded = Math.min((bytes + 511) & -512, storage.size() - header.tablePosition());
    long[] lowest = {padded + header.tablePosition()};
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            lower(entry);
            return tables.sensible(entry) && tables.inFile(entry);
          }

          @Override
          public void blocks(long block, long count, long entry) {
            lower(tables.position(entry));
          }

          private void lower(long position) {
            lowest[0] = position < header.tableEnd() ? lowest[0] : Math.min(lowest[0], position);
          }
        });
    return lowest[0] - header.tablePosition();
  }

  private void stored(long block, long count, long entry, Consumer<Claim> sink) throws IOException {
    boolean same = count > 1 && map.entry(block + 1) == entry;
    long runs = same ? count : 1;
    long length = (same ? 1 : count) * header.clusterSize();
    for (long at = 0; at < runs; at++) {
      sink.accept(new Claim(name(block + at, count), entry, length));
    }
  }

  private String name(long block, long count) {
    return (count == 1 ? "cluster " : count + " clusters from ")
        + block
        + " (disk offset "
        + block * header.clusterSize()
        + ")";
  }

  private void encodedOutside(long block, long count, long entry, Consumer<Claim> sink)
      throws IOException {
    long position = tables.position(entry);
    int length = Qcow1Entry.encodedLength(entry, header.clusterBits());
    for (long at = 0; at < count && (length == 0 || !tables.inFile(position + length - 1)); at++) {
      sink.accept(new Claim("compressed " + name(block + at, 1), position, length));
    }
  }

  /// Compressed clusters share clusters of the file with each other, so they have one claim
  /// together.
  private void encodedInside(Consumer<Claim> sink) throws IOException {
    long clusters = (storage.size() + header.clusterSize() - 1) >> header.clusterBits();
    for (long first = 0; first < clusters; first += WINDOW) {
      BitSet taken = encodedInside(first);
      for (int from = taken.nextSetBit(0); from >= 0; ) {
        int to = taken.nextClearBit(from);
        sink.accept(
            new Claim(
                "compressed clusters",
                (first + from) << header.clusterBits(),
                (long) (to - from) << header.clusterBits()));
        from = taken.nextSetBit(to);
      }
    }
  }

  private BitSet encodedInside(long first) throws IOException {
    var taken = new BitSet();
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            return tables.sensible(entry) && tables.inFile(entry);
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            long position = tables.position(entry);
            int length = Qcow1Entry.encodedLength(entry, header.clusterBits());
            if (Qcow1Entry.compressed(entry)
                && length > 0
                && tables.inFile(position + length - 1)) {
              long last = (position + length - 1) >> header.clusterBits();
              long from = Math.max((position >> header.clusterBits()) - first, 0);
              long to = Math.min(last + 1 - first, WINDOW);
              if (from < to) {
                taken.set((int) from, (int) to);
              }
            }
          }
        });
    return taken;
  }

  /// Entries that are not a multiple of a cluster share clusters of the file with others.
  void findings(Consumer<Finding> sink) throws IOException {
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            unaligned("L1 entry " + index, map.tablePosition(index), entry, sink);
            return tables.sensible(entry) && tables.inFile(entry);
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            if (!Qcow1Entry.compressed(entry)) {
              unaligned("L2 entry of " + name(block, count), map.position(block), entry, sink);
            }
          }
        });
  }

  private void unaligned(String what, long position, long entry, Consumer<Finding> sink) {
    if (entry % header.clusterSize() != 0) {
      sink.accept(
          Finding.corruption(
              what
                  + " at "
                  + position
                  + " is 0x"
                  + Long.toHexString(entry)
                  + ", expected a multiple of "
                  + header.clusterSize(),
              "what is there may be another's"));
    }
  }
}
