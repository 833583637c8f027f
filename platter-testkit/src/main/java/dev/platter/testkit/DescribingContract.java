package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Capability;
import dev.platter.image.Commented;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.HasGeometry;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.Access;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What an image says about itself can be changed, all of it or nothing.
public interface DescribingContract extends ParentContract {
  /// Every property that does not concern a parent.
  Description SELF =
      Description.UNCHANGED
          .withIdentity(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"))
          .withModification(UUID.fromString("11112222-3333-4444-5555-666677778888"))
          .withComment("a \"comment\" of = two\nlines: \u00e4\u20ac")
          .withPhysical(new Geometry(1021, 15, 61))
          .withLogical(new Geometry(1020, 240, 59));

  /// A geometry that the drive could have.
  default Geometry geometry() {
    return new Geometry(1021, 15, 61);
  }

  private Description self() {
    return SELF.withPhysical(geometry());
  }

  /// What an image says.
  ///
  /// @param identities its own UUIDs
  record Said(
      List<Optional<UUID>> identities,
      String comment,
      List<Optional<Geometry>> geometries,
      Optional<ParentLink> parent) {
    static Said by(Image image) {
      return new Said(
          image instanceof Identified i
              ? List.of(Optional.of(i.identity()), i.modification())
              : List.of(),
          image instanceof Commented c ? c.comment() : "",
          image instanceof HasGeometry g ? List.of(g.physical(), g.logical()) : List.of(),
          image.parent());
    }
  }

  /// What an image of a lab says, opened without its parents.
  static Said said(Lab lab, String name) throws IOException {
    try (Disk disk = lab.alone(name, Access.READ)) {
      return Said.by(disk.top());
    }
  }

  /// The part of a change that an image has a place for.
  static Description fitting(Description change, Set<Property> places) {
    return new Description(
        change.identity().filter(_ -> places.contains(Property.IDENTITY)),
        change.modification().filter(_ -> places.contains(Property.MODIFICATION)),
        change.parentIdentity().filter(_ -> places.contains(Property.PARENT_IDENTITY)),
        change.parentModification().filter(_ -> places.contains(Property.PARENT_MODIFICATION)),
        change.comment().filter(_ -> places.contains(Property.COMMENT)),
        change.physical().filter(_ -> places.contains(Property.PHYSICAL_GEOMETRY)),
        change.logical().filter(_ -> places.contains(Property.LOGICAL_GEOMETRY)),
        change.parent().filter(_ -> places.contains(Property.PARENT)));
  }

  /// What the image of a lab has a place for; the test ends here if it is nothing.
  private Set<Property> places(Lab lab) throws IOException {
    try (Disk disk = lab.alone(image(), Access.READ)) {
      Assumptions.assumeTrue(disk.top() instanceof Describable, "has no place for anything");
      return ((Describable) disk.top()).places();
    }
  }

  private static void assertSays(Description expected, Said said, String when) {
    expected
        .identity()
        .ifPresent(v -> assertEquals(Optional.of(v), said.identities.getFirst(), when));
    expected
        .modification()
        .ifPresent(v -> assertEquals(Optional.of(v), said.identities.getLast(), when));
    expected.comment().ifPresent(v -> assertEquals(v, said.comment, when));
    expected
        .physical()
        .ifPresent(v ->
            assertEquals(
                Optional.of(v).filter(g -> !g.isNone()), said.geometries.getFirst(), when));
    expected
        .logical()
        .ifPresent(v ->
            assertEquals(Optional.of(v).filter(g -> !g.isNone()), said.geometries.getLast(), when));
  }

  /// Each property alone, then all at once: read back at once and after opening again; the disk and
  /// everything else is as before.
  @Test
  default void propertiesAreChanged() throws IOException {
    Lab lab = used(31, variant().can(Capability.WRITE) ? 10 : 0);
    Set<Property> places = places(lab);
    byte[] content;
    try (Disk disk = lab.open(image(), Access.READ)) {
      content = Lab.content(disk);
    }
    Description all = fitting(self(), places);
    Description none = Description.UNCHANGED;
    for (Property property : all.properties()) {
      Description one = fitting(all, Set.of(property));
      change(lab, one, property.toString());
    }
    if (places.contains(Property.COMMENT)) {
      change(lab, none.withComment(""), "no comment");
    }
    if (places.contains(Property.LOGICAL_GEOMETRY)) {
      change(lab, none.withLogical(Geometry.NONE), "no logical geometry");
    }
    change(lab, all, "all");
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(content, Lab.content(disk)));
    }
    assertEquals(List.of(), lab.check(image()), "findings");
  }

  private void change(Lab lab, Description change, String what) throws IOException {
    Said before = said(lab, image());
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      disk.describe(change);
      assertSays(change, Said.by(disk.top()), what);
    }
    Said after = said(lab, image());
    assertSays(change, after, what + ", opened again");
    assertEquals(before.parent, after.parent, what);
    if (change.identity().isEmpty() && change.modification().isEmpty()) {
      assertEquals(before.identities, after.identities, what);
    }
  }

  /// A disk that is written and flushed around a change of its description keeps both.
  @Test
  default void changesMixWithWrites() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE), "is never written");
    Lab lab = fresh();
    Description change = fitting(self(), places(lab));
    byte[] expected = new byte[(int) diskSize()];
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      ReadWriteContract.put(disk, expected, 0, diskSize() / 3, 1);
      disk.describe(change);
      ReadWriteContract.put(disk, expected, diskSize() / 2, diskSize() / 3, 2);
      disk.flush();
      disk.describe(change);
      ReadWriteContract.put(disk, expected, diskSize() - 9, 9, 3);
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)));
      assertSays(change, Said.by(disk.top()), "opened again");
    }
    assertEquals(List.of(), lab.check(image()), "findings");
  }

  /// What there is no place for is refused as a whole, in words that name it.
  @Test
  default void propertiesWithoutAPlaceAreRefused() throws IOException {
    Lab lab = fresh();
    Set<Property> places;
    try (Disk disk = lab.alone(image(), Access.READ)) {
      places = disk.top() instanceof Describable d ? d.places() : Set.of();
    }
    long before = lab.folder().file(image()).visible().hash();
    Description all = self().withoutParent().withParentIdentity(new UUID(1, 2));
    for (Property property : Property.values()) {
      Description one = fitting(all, Set.of(property));
      if (!places.contains(property) && !one.properties().isEmpty()) {
        var refusal = refused(lab, all);
        assertTrue(refusal.getMessage().contains(property.phrase()), refusal.getMessage());
      }
    }
    if (places.contains(Property.COMMENT)) {
      refused(lab, Description.UNCHANGED.withComment("x".repeat(2 << 20)));
    }
    assertEquals(before, lab.folder().file(image()).visible().hash(), "the file");
  }

  private IllegalArgumentException refused(Lab lab, Description change) throws IOException {
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      return assertThrows(IllegalArgumentException.class, () -> disk.describe(change));
    }
  }

  /// After a crash at any moment the image says what it said, or all of the new; behind the call,
  /// the new.
  @Test
  default void aCrashLeavesTheOldOrTheNew() throws IOException {
    Lab lab = fresh();
    Description change = fitting(self(), places(lab));
    Assumptions.assumeFalse(change.properties().isEmpty(), "has only a place for a parent");
    crash(lab, change);
  }

  private void crash(Lab lab, Description change) throws IOException {
    Said old = said(lab, image());
    try (Disk disk = lab.alone(image(), Access.WRITE)) {
      byte[] content = Lab.content(disk);
      Lab copy = lab.with(lab.copies());
      try (Disk rehearsed = copy.alone(image(), Access.WRITE)) {
        rehearsed.describe(change);
      }
      Said changed = said(copy, image());
      Set<Said> either = Set.of(old, changed);
      var dice = new SplittableRandom(5);
      var seen = new HashSet<Long>();
      Runnable during = () -> look(lab, either, content, dice, seen);
      lab.folder().files().forEach(file -> file.beforeFlush(during));
      disk.describe(change);
      lab.folder().files().forEach(file -> file.beforeFlush(() -> {}));
      assertFalse(seen.isEmpty(), "was never flushed");
      look(lab, Set.of(changed), content, dice, new HashSet<>());
    }
  }

  private void look(
      Lab lab, Set<Said> allowed, byte[] content, SplittableRandom dice, Set<Long> seen) {
    CrashPoint.of(lab.folder().files())
        .states(
            dice,
            20,
            seen,
            state -> {
              Lab after = lab.with(state.storages());
              try (Disk disk = after.alone(image(), Access.READ)) {
                Said said = Said.by(disk.top());
                assertTrue(allowed.contains(said), () -> said + "\nafter\n" + state.how());
                if (disk.top().parent().isEmpty()) {
                  assertEquals("", Stamp.difference(content, Lab.content(disk)), state::how);
                }
              } catch (IOException e) {
                throw new AssertionError(state.how(), e);
              }
            });
  }

  /// A chain that was moved finds its parent under the new name; without a parent the child has
  /// what it stored and zeros; no crash leaves anything else.
  @Test
  default void parentsAreChanged() throws IOException {
    Assumptions.assumeTrue(variant().parents() != Variant.Parents.NONE, "never a child");
    Lab lab = fresh();
    lab.create(variant(), parentImage(), diskSize());
    try (Disk below = lab.open(parentImage(), Access.WRITE)) {
      below.write(0, Stamp.segment(0, (int) diskSize(), 1000));
      below.flush();
    }
    lab.createChild(variant(), image(), diskSize(), parentImage());
    Assumptions.assumeTrue(places(lab).contains(Property.PARENT), "no place for a parent");
    String moved = "moved-" + parentImage();
    lab.createCopy(parentImage(), moved);
    byte[] expected = Stamp.bytes(0, (int) diskSize(), 1000);
    try (Disk below = lab.open(moved, Access.WRITE)) {
      ReadWriteContract.put(below, expected, 0, 3, 7);
      below.flush();
    }
    try (Disk below = lab.open(moved, Access.READ)) {
      String format = variant().format().name();
      var backing = new Backing(moved, Optional.of(format), Optional.of(below.top()));
      crash(lab, Description.UNCHANGED.withParent(backing));
    }
    lab.remove(parentImage());
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "with another parent");
    }
    crash(lab, Description.UNCHANGED.withoutParent());
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals(1, disk.layers().size());
      assertEquals("", Stamp.difference(new byte[(int) diskSize()], Lab.content(disk)), "alone");
    }
    assertEquals(List.of(), lab.check(image()), "findings");
    try (Disk below = lab.open(moved, Access.READ)) {
      String format = variant().format().name();
      var backing = new Backing(moved, Optional.of(format), Optional.of(below.top()));
      crash(lab, Description.UNCHANGED.withParent(backing));
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "a parent again");
    }
  }

  /// An image that was opened read-only stays as it is.
  @Test
  default void readOnlyImagesAreNotDescribed() throws IOException {
    Lab lab = fresh();
    Description change = fitting(self(), places(lab));
    try (Disk disk =
        lab.open(lab.folder().open(image(), Access.READ), image(), Access.READ, Purpose.DATA)) {
      assertThrows(ReadOnlyException.class, () -> disk.describe(change));
    }
  }
}
