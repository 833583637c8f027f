package dev.platter.operation;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import java.io.IOException;

/// How large a new image would be.
///
/// @param required bytes of the image's files when it is made
/// @param fullyAllocated bytes when all of its disk has been written
public record Measure(long required, long fullyAllocated) {

  /// Measures an empty image.
  public static Measure ofEmpty(ImageFormat format, Blueprint blueprint) throws IOException {
    return new Measure(
        format.plan(blueprint, Allocation.empty(blueprint.size())).size(),
        format.plan(blueprint, Allocation.full(blueprint.size())).size());
  }

  /// Measures what a conversion would write, uncompressed.
  ///
  /// @param name the new file's name without its folder
  public static Measure of(Conversion conversion, ImageFormat format, String name)
      throws IOException {
    return new Measure(
        conversion.plan(format, name).size(), conversion.fullPlan(format, name).size());
  }
}
