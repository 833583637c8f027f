package dev.platter.testkit;

import dev.platter.testkit.ToyFormat.Flaw;
import java.util.Map;

/// The kit finds nothing in a format that is right.
class ToySuiteTest implements ImageFormatContract, FormatCampaigns {

  @Override
  public Variant variant() {
    return Variant.of(new ToyFormat(Flaw.NONE), Map.of()).parents(Variant.Parents.SAME_FORMAT);
  }
}
