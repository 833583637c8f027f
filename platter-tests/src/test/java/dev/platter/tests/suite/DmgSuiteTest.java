package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.Map;

/// DMG images as they are planned: data as it is, without checksums.
class DmgSuiteTest implements ImageFormatContract, FormatCampaigns {

  @Override
  public Variant variant() {
    return Variant.of(RawSuiteTest.format("dmg"), Map.of("compression_type", "none"));
  }
}
