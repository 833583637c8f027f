package dev.platter.operation;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.io.Sharing;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the images beside an image that are its children, so that nobody changes a parent under
/// them. Children in other folders are not found: a parent does not know them.
public final class Children {
  /// Files that are looked at in a folder.
  private static final int MOST = 4096;

  private final Disks disks;

  /// Finds images that these disks can be of.
  public Children(Disks disks) {
    this.disks = disks;
  }

  /// The files in the folder of an image that name it as their parent, by name or by identity.
  ///
  /// @param parent an open image that is in a file
  public List<Path> of(Image parent) throws IOException {
    Optional<Path> path = parent.storages().getFirst().path();
    List<Path> children = new ArrayList<>();
    if (path.isEmpty()) {
      return children;
    }
    Path own = path.get().toRealPath();
    int seen = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(own.getParent())) {
      for (Path file : files) {
        if (seen++ < MOST
            && !file.equals(own)
            && Files.isRegularFile(file)
            && isChild(file, parent, own)) {
          children.add(file);
        }
      }
    }
    return children;
  }

  private boolean isChild(Path file, Image parent, Path own) {
    DiskOptions options =
        DiskOptions.standard().withoutParents().purpose(Purpose.INFO).sharing(Sharing.UNLOCKED);
    try (Disk disk = disks.open(file, options)) {
      Optional<ParentLink> link = disk.top().parent();
      return link.isPresent() && leadsTo(file, link.get(), parent, own);
    } catch (IOException _) {
      // not an image, or not one of which anything is known
      return false;
    }
  }

  private static boolean leadsTo(Path child, ParentLink link, Image parent, Path own) {
    if (link.identity().isPresent()
        && parent instanceof Identified identified
        && link.identity().get().equals(identified.identity())) {
      return true;
    }
    return link.names().stream().anyMatch(name -> isFile(child, name, own));
  }

  private static boolean isFile(Path child, String name, Path own) {
    try {
      return child.resolveSibling(name).toRealPath().equals(own);
    } catch (IOException | InvalidPathException _) {
      return false;
    }
  }
}
