package dev.platter.format.vmdk;

import dev.platter.image.ParentLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What a child says about its parent. VMware and QEMU go by a name and the parent's content
/// identifier (CID), VirtualBox by UUIDs alone.
///
/// @param hint the parent's name, empty if there is none
/// @param cid the parent's content identifier, [VmdkDescriptor#NO_PARENT] if it is not said
/// @param identity the parent's UUID
/// @param modification the UUID of the parent's state
record VmdkParent(String hint, long cid, Optional<UUID> identity, Optional<UUID> modification) {

  /// The parent of an image, if it has one.
  static Optional<VmdkParent> of(VmdkDescriptor descriptor) {
    long cid = descriptor.hex(VmdkDescriptor.PARENT_CID).orElse(VmdkDescriptor.NO_PARENT);
    Optional<UUID> identity = descriptor.uuid(VmdkDescriptor.PARENT);
    if (cid == VmdkDescriptor.NO_PARENT && identity.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new VmdkParent(
            descriptor.value(VmdkDescriptor.PARENT_HINT).orElse(""),
            cid,
            identity,
            descriptor.uuid(VmdkDescriptor.PARENT_MODIFICATION)));
  }

  /// The same for the engine, which compares the UUID; states are compared by [#fault].
  ParentLink link() {
    List<String> names = new ArrayList<>();
    if (!hint.isEmpty()) {
      String name = hint.replace('\\', '/');
      names.add(name);
      String last = name.substring(name.lastIndexOf('/') + 1);
      if (!last.equals(name) && !last.isEmpty()) {
        names.add(last); // files that moved together
      }
    }
    return new ParentLink(names, Optional.of(VmdkFormat.NAME), identity, Optional.empty());
  }

  /// Why an image is not the parent in the state that the child was made from; empty if it is.
  Optional<String> fault(VmdkDescriptor parent) {
    long found = parent.hex(VmdkDescriptor.CID).orElse(VmdkDescriptor.NO_PARENT);
    if (cid != VmdkDescriptor.NO_PARENT && cid != found) {
      return Optional.of(
          "has the CID " + hex(found) + " instead of " + hex(cid) + ": it has changed");
    }
    Optional<UUID> state = parent.uuid(VmdkDescriptor.MODIFICATION);
    if (modification.isPresent() && !modification.equals(state)) {
      return Optional.of(
          "has the modification UUID "
              + state.map(UUID::toString).orElse("none")
              + " instead of "
              + modification.get()
              + ": it has changed");
    }
    return Optional.empty();
  }

  /// Eight digits.
  static String hex(long cid) {
    String digits = Long.toHexString(cid);
    return "0".repeat(8 - digits.length()) + digits;
  }
}
