package dev.platter.format.qed;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.util.function.Consumer;

/// What the tables of an image say about its file.
final class QedCheck {
  private final QedTables tables;
  private final QedHeader header;
  private final TwoLevelMap map;

  QedCheck(QedTables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
  }

  void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("header", 0, header.headerEnd()));
    sink.accept(new Claim("L1 table", header.tablePosition(), header.tableBytes()));
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            String owner = "L2 table " + index;
            sink.accept(new Claim(owner, entry, header.tableBytes()));
            return tables.isTable(entry);
          }

          @Override
          public void blocks(long block, long count, long entry) {
            if (entry == QedTables.ZERO) {
              return;
            }
            boolean run = count == 1 || ascends(block, entry);
            if (run) {
              sink.accept(new Claim(name(block, count), entry, count * header.clusterSize()));
              return;
            }
            for (long at = 0; at < count; at++) {
              sink.accept(new Claim(name(block + at, 1), entry, header.clusterSize()));
            }
          }
        });
  }

  /// Whether the next cluster's entry is one cluster higher, and not the same.
  private boolean ascends(long block, long entry) {
    try {
      return map.entry(block + 1) != entry;
    } catch (IOException _) {
      // the table was read a moment ago
      return true;
    }
  }

  private String name(long block, long count) {
    return (count == 1 ? "cluster " + block : "clusters " + block + " to " + (block + count - 1))
        + " (disk offset "
        + block * header.clusterSize()
        + ")";
  }

  void findings(Consumer<Finding> sink) throws IOException {
    if (tables.needsCheck()) {
      sink.accept(notClosed());
    }
    senseless((_, entry, finding) -> {
      // what lies behind the file is found by whoever looks at claims
      if (entry % header.clusterSize() != 0 || (entry >= 0 && entry < header.headerEnd())) {
        sink.accept(finding);
      }
    });
  }

  static Finding notClosed() {
    return Finding.leak(
        "header field features at "
            + QedHeader.STRUCT.offset("features")
            + " has bit 1: the image was not closed, room may be wasted");
  }

  /// Takes an entry that makes no sense.
  @FunctionalInterface
  interface Senseless {
    void entry(long position, long entry, Finding finding) throws IOException;
  }

  /// Finds entries that are not a multiple of the cluster size, are in the header, or are of what
  /// is not in the file.
  void senseless(Senseless sink) throws IOException {
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) throws IOException {
            if (tables.isTable(entry)) {
              return true;
            }
            long position = map.tablePosition(index);
            String what = "L1 entry " + index + " at " + position + " " + tables.fault(entry);
            sink.entry(position, entry, Finding.corruption(what, guest(index)));
            return false;
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            if (entry == QedTables.ZERO) {
              return;
            }
            for (long at = 0; at < count; at++) {
              if (!tables.isPlace(map.entry(block + at))) {
                senselessBlock(block + at, sink);
              } else if (tables.isPlace(map.entry(block + count - 1))) {
                // a run of which both ends are in the file
                return;
              }
            }
          }
        });
  }

  private String guest(long index) {
    long span = header.entries() * header.clusterSize();
    return "disk offsets from " + index * span + " to " + (index + 1) * span + " cannot be read";
  }

  private void senselessBlock(long block, Senseless sink) throws IOException {
    long entry = map.entry(block);
    String what =
        "L2 entry of cluster " + block + " at " + map.position(block) + " " + tables.fault(entry);
    long offset = block * header.clusterSize();
    Finding finding =
        Finding.corruption(what, header.clusterSize() + " bytes at " + offset + " cannot be read");
    sink.entry(map.position(block), entry, finding);
  }

  /// The end of everything that a table names.
  ///
  /// @throws ImageException.Corrupt if an entry makes no sense: nobody knows what else names its
  ///   place
  long end() throws IOException {
    senseless((_, _, finding) -> {
      throw new ImageException.Corrupt(
          tables.storage().name(), finding.what() + "; a repair clears it");
    });
    var end = new long[] {header.tablePosition() + header.tableBytes()};
    claims(claim -> end[0] = Math.max(end[0], claim.end()));
    return header.up(end[0]);
  }
}
