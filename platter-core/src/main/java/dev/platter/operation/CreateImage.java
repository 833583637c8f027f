package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.image.Plan;
import dev.platter.io.Durability;
import dev.platter.operation.PlanWriter.Skipping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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

  /// Writes a new file, and further ones beside it if the format needs them. All are durable before
  /// they get their names; an older file of that name is replaced.
  public void toFile(Path target) throws IOException {
    try (var drafts = new Drafts(target, Durability.DURABLE)) {
      toStorages(drafts);
      progress.checkpoint();
      drafts.publish();
    }
  }

  /// Writes the new image to storages that are empty, without making it durable.
  public void toStorages(NewStorages target) throws IOException {
    BlockDevice nothing = Joined.of(List.of(), blueprint.size());
    new PlanWriter(plan(), nothing, Skipping.METADATA, Workers.cores()).run(target, progress);
  }
}
