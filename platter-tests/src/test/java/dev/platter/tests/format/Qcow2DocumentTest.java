package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Dumpable;
import dev.platter.io.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The document shows structures as they are.
class Qcow2DocumentTest {
  private static final List<String> FIXED =
      List.of(
          "header",
          "snapshot",
          "bitmap directory entry",
          "header extension: bitmaps",
          "header extension: feature name table");
  private static final List<String> VARIABLE =
      List.of("extra data", "id", "name", "feature", "data");

  @TempDir Path folder;

  @Test
  void everyFieldHasItsRow() throws IOException {
    String document =
        Files.readString(
            Path.of(
                System.getProperty("platter.home"),
                "platter-formats/src/main/java/dev/platter/format/qcow2/FORMAT.md"));
    List<String> rows = rows();
    assertTrue(rows.size() > 40, rows::toString);
    for (String row : rows) {
      assertTrue(document.contains(row), () -> "no row " + row);
    }
  }

  private List<String> rows() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.img("snapshot", "-c", "s", image);
    lab.img("bitmap", "--add", image, "b");
    var rows = new ArrayList<String>();
    try (Disk disk = lab.open(image, Access.READ)) {
      ((Dumpable) disk.top()).dump(new Rows(rows));
    }
    return rows;
  }

  private static final class Rows implements Dumpable.Dump {
    private final List<String> rows;
    private boolean fixed;
    private long start;

    private Rows(List<String> rows) {
      this.rows = rows;
    }

    @Override
    public void begin(String name, long position, long length) {
      fixed = FIXED.contains(name);
      start = position;
      if (name.equals("header extension: bitmaps")) {
        rows.add("| 0 | 4 | type |");
        rows.add("| 4 | 4 | length |");
        start += 8;
      }
    }

    @Override
    public void field(String name, long position, int length, Object value, String note) {
      if (fixed && position >= start && !VARIABLE.contains(name)) {
        rows.add("| " + (position - start) + " | " + length + " | " + name + " |");
      }
    }

    @Override
    public void end() {
      fixed = false;
    }
  }
}
