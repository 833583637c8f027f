package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Dumpable;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The document has the structures as they are.
class VhdDocumentTest {
  private static final Path DOCUMENT =
      Path.of("../platter-formats/src/main/java/dev/platter/format/vhd/FORMAT.md");

  /// Collects the rows of byte tables.
  private static final class Rows implements Dumpable.Dump {
    private final List<String> rows = new ArrayList<>();
    private long start;
    private String section = "";

    @Override
    public void begin(String name, long position, long length) {
      start = position;
      section = name;
    }

    @Override
    public void field(String name, long position, int length, Object value, String note) {
      boolean repeated = name.startsWith("locator") && !name.startsWith("locator0");
      if ((section.equals("footer") || section.equals("dynamic header")) && !repeated) {
        rows.add("| " + (position - start) + " | " + length + " | " + name + " |");
      }
    }

    @Override
    public void end() {
      section = "";
    }
  }

  @Test
  void theDocumentShowsTheStructuresAsTheyAre() throws IOException {
    var lab = new VhdLab();
    lab.create("x.vhd", 1 << 20, Map.of());
    var rows = new Rows();
    try (Image image = VhdLab.image(lab.file("x.vhd"), Access.READ, Purpose.INFO)) {
      ((Dumpable) image).dump(rows);
    }
    String document = Files.readString(DOCUMENT);
    assertEquals(35, rows.rows.size());
    rows.rows.forEach(row -> assertTrue(document.contains(row), row));
  }
}
