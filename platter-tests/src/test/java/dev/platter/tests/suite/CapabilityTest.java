package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Capability;
import dev.platter.image.Claiming;
import dev.platter.image.Commented;
import dev.platter.image.Compressing;
import dev.platter.image.Describable;
import dev.platter.image.Discarding;
import dev.platter.image.HasGeometry;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.Property;
import dev.platter.image.Repairable;
import dev.platter.image.Resizable;
import dev.platter.image.Zeroing;
import dev.platter.io.Access;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a format says that its images can do is what they can.
class CapabilityTest {
  private static final long SIZE = 1 << 20;

  /// Capabilities that show in an interface of every image that the format makes by default.
  private static final Map<Capability, Class<?>> SHOWN =
      Map.of(
          Capability.ZERO, Zeroing.class,
          Capability.DISCARD, Discarding.class,
          Capability.RESIZE, Resizable.class,
          Capability.CHECK, Claiming.class,
          Capability.REPAIR, Repairable.class,
          Capability.IDENTITY, Identified.class,
          Capability.COMMENT, Commented.class,
          Capability.GEOMETRY, HasGeometry.class,
          Capability.DESCRIBE, Describable.class);

  /// Properties that can be changed where a capability says that they are stored.
  private static final Map<Capability, Property> STORED =
      Map.of(
          Capability.IDENTITY, Property.IDENTITY,
          Capability.COMMENT, Property.COMMENT,
          Capability.GEOMETRY, Property.PHYSICAL_GEOMETRY,
          Capability.BACKING, Property.PARENT);

  static List<ImageFormat> formats() {
    return BuiltInFormats.all();
  }

  /// A container of keys cannot be made without one.
  private static Variant variant(ImageFormat format) {
    boolean keyed =
        format.options().stream().anyMatch(option -> option.name().equals("key-secret"));
    return Variant.of(format, keyed ? Map.of("key-secret", "key", "iter-time", "1") : Map.of())
        .secrets(LuksSuiteTest.passphrase());
  }

  private interface Look {
    void at(Image image) throws IOException;
  }

  private static void look(ImageFormat format, Look look) throws IOException {
    Assumptions.assumeTrue(format.capabilities().contains(Capability.CREATE), "is never made");
    var lab = new Lab();
    String name = "image." + format.extensions().getFirst();
    lab.create(variant(format), name, SIZE);
    boolean write = format.capabilities().contains(Capability.WRITE);
    try (Disk disk = lab.open(name, write ? Access.WRITE : Access.READ)) {
      look.at(disk.top());
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void claimsAreInterfaces(ImageFormat format) throws IOException {
    look(
        format,
        image -> {
          for (var shown : SHOWN.entrySet()) {
            assertEquals(
                format.capabilities().contains(shown.getKey()),
                shown.getValue().isInstance(image),
                format.name() + " and " + shown.getKey());
          }
          boolean compresses = format.capabilities().contains(Capability.COMPRESS);
          assertTrue(compresses || !(image instanceof Compressing), format.name());
        });
  }

  @ParameterizedTest
  @MethodSource("formats")
  void compressionIsPacking(ImageFormat format) throws IOException {
    var lab = new Lab();
    Variant variant = variant(format);
    Assumptions.assumeTrue(variant.can(Capability.CREATE), "is never made");
    assertEquals(
        variant.can(Capability.COMPRESS),
        format.pack(lab.blueprint(variant, "image", SIZE)).isPresent(),
        format.name());
  }

  @ParameterizedTest
  @MethodSource("formats")
  void storedPropertiesCanBeChanged(ImageFormat format) throws IOException {
    look(
        format,
        image -> {
          Set<Property> places =
              image instanceof Describable describable ? describable.places() : Set.of();
          for (var stored : STORED.entrySet()) {
            assertEquals(
                format.capabilities().contains(stored.getKey()),
                places.contains(stored.getValue()),
                format.name() + " and " + stored.getValue());
          }
        });
  }
}
