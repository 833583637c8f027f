package dev.platter.image;

import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
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
}
