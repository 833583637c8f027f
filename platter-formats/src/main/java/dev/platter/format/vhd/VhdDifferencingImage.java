package dev.platter.format.vhd;

import dev.platter.image.ParentLink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// An open child of another image: what is not in it shows through from there. It has no mark for
/// zeros; they are stored.
final class VhdDifferencingImage implements VhdSparseImage {
  private final VhdBlocks blocks;
  private volatile VhdFile file;
  private volatile Optional<ParentLink> parent;

  VhdDifferencingImage(VhdFile file) throws IOException {
    this.blocks = new VhdBlocks(file);
    this.file = file;
    this.parent = link(file);
  }

  @Override
  public VhdFile file() {
    return file;
  }

  @Override
  public VhdBlocks blocks() {
    return blocks;
  }

  @Override
  public Optional<ParentLink> parent() {
    return parent;
  }

  @Override
  public void changed(VhdFile now) throws IOException {
    file = now;
    parent = link(now);
  }

  /// What the header says about the parent; nothing once the image is none's child any more.
  private static Optional<ParentLink> link(VhdFile file) throws IOException {
    if (file.footer().type() != VhdFooter.DIFFERENCING) {
      return Optional.empty();
    }
    return Optional.of(
        new ParentLink(
            names(file),
            Optional.of(VhdFormat.NAME),
            Optional.of(file.blocks().parentIdentity())
                .filter(identity -> !identity.isZero())
                .map(identity -> identity.mixedEndian()),
            Optional.empty()));
  }

  /// Where the parent may be: relative names first, then absolute ones, then the bare file names of
  /// all of these, for a chain that was moved as a whole.
  private static List<String> names(VhdFile file) throws IOException {
    VhdDynamicHeader header = file.blocks();
    SequencedSet<String> names = new LinkedHashSet<>();
    for (var platform : List.of(VhdLocator.RELATIVE, VhdLocator.ABSOLUTE, VhdLocator.URL)) {
      for (VhdLocator locator : header.locators()) {
        if (locator.code().equals(platform)) {
          locator.path(file.storage()).ifPresent(names::add);
        }
      }
    }
    header.parentNameText().map(VhdLocator::slashes).ifPresent(names::add);
    for (String name : List.copyOf(names)) {
      names.add(name.substring(name.lastIndexOf('/') + 1));
    }
    names.remove("");
    return new ArrayList<>(names);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    blocks.remove(offset, length, false);
  }

  @Override
  public String toString() {
    return file.storage().name();
  }
}
