package dev.platter.tests.suite;

import dev.platter.format.BuiltInFormats;
import dev.platter.image.ImageFormat;
import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// Raw disks, whose sizes are multiples of nothing.
class RawSuiteTest implements ImageFormatContract, FormatCampaigns {

  static Variant raw() {
    return Variant.of(format("raw"), Map.of()).sizeUnit(1);
  }

  /// A built-in format by its name; without it there is nothing to test.
  static ImageFormat format(String name) {
    return BuiltInFormats.all().stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseGet(() -> Assumptions.abort("no format " + name));
  }

  @Override
  public Variant variant() {
    return raw();
  }

  @Override
  public boolean growsWithItsFile() {
    return true;
  }
}
