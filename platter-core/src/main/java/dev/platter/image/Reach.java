package dev.platter.image;

import dev.platter.io.Access;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Which names written inside an image may be followed. No format opens a path: it asks here.
public interface Reach {

  /// Opens what an image names.
  ///
  /// @param from the storage that has the reference
  /// @param location as written there
  /// @param access what it is opened for
  /// @throws ImageException.OutOfReach if it may not be followed
  Storage open(Storage from, String location, Access access) throws IOException;

  /// Names beside `from` that may be opened, for parents that are known by their UUID alone.
  ///
  /// @param extensions endings of file names without the dot
  List<String> beside(Storage from, List<String> extensions) throws IOException;

  /// Nothing is followed: the library's default.
  static Reach nothing() {
    return new Reach() {
      @Override
      public Storage open(Storage from, String location, Access access) throws IOException {
        throw new ImageException.OutOfReach(
            from.name(), "names '" + location + "', and references are not followed");
      }

      @Override
      public List<String> beside(Storage from, List<String> extensions) {
        return List.of();
      }
    };
  }

  /// Regular files in the folder of the image that names them, and below: the command's default.
  static Reach sameFolder() {
    return sameFolder(List.of(), Sharing.LOCKED);
  }

  /// Regular files in the folder of the image that names them, and below, and those beneath other
  /// folders.
  ///
  /// @param more the other folders; a file or a disk device among them is allowed alone
  /// @param sharing whether files that are opened are locked
  static Reach sameFolder(List<Path> more, Sharing sharing) {
    return new FolderReach(FolderReach.Own.ALLOWED, more, sharing);
  }

  /// Regular files beneath folders of the caller's choice, or files and disk devices that are named
  /// themselves, and nothing else.
  static Reach within(List<Path> roots) {
    return within(roots, Sharing.LOCKED);
  }

  /// Regular files beneath folders of the caller's choice, or files and disk devices that are named
  /// themselves, and nothing else.
  ///
  /// @param sharing whether files that are opened are locked
  static Reach within(List<Path> roots, Sharing sharing) {
    return new FolderReach(FolderReach.Own.NOT_ALLOWED, roots, sharing);
  }

  /// Every regular file that the user may open, through links too. An image can then make its
  /// reader open any file; never a default.
  static Reach anything() {
    return anything(Sharing.LOCKED);
  }

  /// Every regular file that the user may open, through links too.
  ///
  /// @param sharing whether files that are opened are locked
  static Reach anything(Sharing sharing) {
    return new AnyReach(sharing);
  }
}
