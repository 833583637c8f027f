package dev.platter.format.vmdk;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Property;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// A descriptor with another description. The content identifier (CID) stays: what the guest sees
/// does not change.
final class VmdkDescriber {
  /// Everything has a name in a descriptor.
  static final Set<Property> PLACES = EnumSet.allOf(Property.class);

  private static final String LINE_FEED = "\\n";
  private static final String CARRIAGE_RETURN = "\\r";

  private VmdkDescriptor text;

  private VmdkDescriber(VmdkDescriptor text) {
    this.text = text;
  }

  /// The descriptor with the change.
  static VmdkDescriptor change(VmdkDescriptor old, Description change) {
    var describer = new VmdkDescriber(old);
    if (change.newParent().isPresent()) {
      describer.parent(change.newParent().get());
    } else if (change.orphans()) {
      describer.orphan();
    }
    change.identity().ifPresent(uuid -> describer.own(VmdkDescriptor.IDENTITY, uuid));
    change.modification().ifPresent(uuid -> describer.own(VmdkDescriptor.MODIFICATION, uuid));
    change.parentIdentity().ifPresent(uuid -> describer.uuid(VmdkDescriptor.PARENT, uuid));
    change
        .parentModification()
        .ifPresent(uuid -> describer.uuid(VmdkDescriptor.PARENT_MODIFICATION, uuid));
    change.comment().ifPresent(describer::comment);
    change.physical().ifPresent(g -> describer.geometry(g, "cylinders", "heads", "sectors"));
    change
        .logical()
        .ifPresent(g -> describer.geometry(g, "biosCylinders", "biosHeads", "biosSectors"));
    return describer.text;
  }

  private void own(String name, UUID uuid) {
    if (uuid.equals(Description.NO_UUID)) {
      throw new IllegalArgumentException("a VMDK image's UUIDs are not all zeros");
    }
    uuid(name, uuid);
  }

  private void uuid(String name, UUID uuid) {
    text = text.put(name, "\"" + uuid + "\"");
  }

  private void comment(String comment) {
    if (comment.indexOf('\0') >= 0 || !text.charset().newEncoder().canEncode(comment)) {
      throw new IllegalArgumentException(
          "the comment has characters that "
              + text.charset()
              + ", the descriptor's encoding, lacks");
    }
    text =
        comment.isEmpty()
            ? text.without(VmdkDescriptor.COMMENT)
            : text.put(VmdkDescriptor.COMMENT, "\"" + escaped(comment) + "\"");
  }

  /// A comment on one line, as VirtualBox writes it.
  static String escaped(String comment) {
    return comment.replace("\\", "\\\\").replace("\n", LINE_FEED).replace("\r", CARRIAGE_RETURN);
  }

  /// What [#escaped] was made from.
  static String plain(String escaped) {
    var comment = new StringBuilder();
    for (int at = 0; at < escaped.length(); at++) {
      char c = escaped.charAt(at);
      char next = c == '\\' && at + 1 < escaped.length() ? escaped.charAt(at + 1) : 0;
      boolean known = next == '\\' || next == 'n' || next == 'r';
      comment.append(known ? (next == 'n' ? '\n' : next == 'r' ? '\r' : '\\') : c);
      at += known ? 1 : 0;
    }
    return comment.toString();
  }

  private void geometry(Geometry geometry, String cylinders, String heads, String sectors) {
    boolean some = geometry.cylinders() > 0 && geometry.heads() > 0 && geometry.sectors() > 0;
    if (!geometry.isNone()
        && !(some && geometry.heads() <= 0xffff && geometry.sectors() <= 0xffff)) {
      throw new IllegalArgumentException(
          "a VMDK image's geometry has at least 1 cylinder and 1 to 65535 heads and sectors");
    }
    number("ddb.geometry." + cylinders, geometry.cylinders());
    number("ddb.geometry." + heads, geometry.heads());
    number("ddb.geometry." + sectors, geometry.sectors());
  }

  private void number(String name, long value) {
    text = value == 0 ? text.without(name) : text.put(name, "\"" + value + "\"");
  }

  private void parent(Backing backing) {
    if (backing.image().isPresent()) {
      if (!(backing.image().get() instanceof VmdkImage image)) {
        throw new IllegalArgumentException(
            "the parent of a VMDK image must be one too: '" + backing.name() + "'");
      }
      VmdkDescriptor below = image.descriptor();
      long cid = below.hex(VmdkDescriptor.CID).orElse(0);
      text = text.put(VmdkDescriptor.PARENT_CID, VmdkParent.hex(cid));
      state(VmdkDescriptor.PARENT, below.uuid(VmdkDescriptor.IDENTITY));
      state(VmdkDescriptor.PARENT_MODIFICATION, below.uuid(VmdkDescriptor.MODIFICATION));
    } else if (VmdkParent.of(text).isEmpty()) {
      throw new IllegalArgumentException(
          "a VMDK image knows its parent by what the parent's descriptor says, so the parent must"
              + " be at hand: '"
              + backing.name()
              + "'");
    }
    String hint = VmdkOptions.quotable("parent", backing.name());
    text = text.put(VmdkDescriptor.PARENT_HINT, "\"" + hint + "\"");
  }

  private void state(String name, Optional<UUID> uuid) {
    if (uuid.isPresent() || text.value(name).isPresent()) {
      uuid(name, uuid.orElse(Description.NO_UUID));
    }
  }

  private void orphan() {
    text = text.put(VmdkDescriptor.PARENT_CID, VmdkParent.hex(VmdkDescriptor.NO_PARENT));
    text = text.without(VmdkDescriptor.PARENT_HINT);
    state(VmdkDescriptor.PARENT, Optional.empty());
    state(VmdkDescriptor.PARENT_MODIFICATION, Optional.empty());
  }
}
