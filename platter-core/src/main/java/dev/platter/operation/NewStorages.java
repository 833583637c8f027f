package dev.platter.operation;

import dev.platter.io.Storage;
import java.io.IOException;

/// Gives a new image the storages that it is written to.
@FunctionalInterface
public interface NewStorages {

  /// An empty storage for a file of the image. Who gives it closes it.
  ///
  /// @param name the planned file's name, empty for the main file
  Storage create(String name) throws IOException;
}
