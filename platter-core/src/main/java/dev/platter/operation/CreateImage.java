package dev.platter.operation;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.image.Plan;
import java.io.IOException;
import java.nio.file.Path;

/// Makes a new image with nothing on its disk.
///
/// @param format what kind
/// @param blueprint what it shall be
/// @param progress who hears how far it is: a preallocated image takes its time
public record CreateImage(ImageFormat format, Blueprint blueprint, Progress progress) {

  /// What the new image will be.
  public Plan plan() throws IOException {
    return format.plan(blueprint, Allocation.empty(blueprint.size()));
  }

  /// Writes a new file, and further ones beside it if the format needs them.
  public void toFile(Path target) throws IOException {
    throw new IOException("not yet");
  }

  /// Writes the new image to storages that are empty.
  public void toStorages(NewStorages target) throws IOException {
    throw new IOException("not yet");
  }
}
