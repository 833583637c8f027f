package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.image.Plan;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.io.Storage;
import dev.platter.operation.PlanCursor.Claim;
import dev.platter.operation.PlanCursor.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Carries out a plan on many threads.
final class PlanWriter {
  private final Plan plan;
  private final GuestBytes source;
  private final Skipping skipping;
  private final int threads;

  /// What zeros are left out.
  ///
  /// @param guest runs of guest bytes of at least so many zeros are not written, 0 if all are
  /// @param metadata whether metadata that is all zeros is left out
  record Skipping(long guest, boolean metadata) {
    /// All is written.
    static final Skipping NONE = new Skipping(0, false);

    /// Metadata only: guest bytes are known to be data.
    static final Skipping METADATA = new Skipping(0, true);
  }

  PlanWriter(Plan plan, BlockDevice source, Skipping skipping, int threads) {
    this.plan = plan;
    this.source = new GuestBytes(source);
    this.skipping = skipping;
    this.threads = threads;
  }

  /// Writes all files.
  void run(NewStorages storages, Progress progress) throws IOException {
    List<Part> parts = new ArrayList<>();
    long total = 0;
    for (PlannedFile file : plan.files()) {
      Part part = Part.of(file, storages.create(file.name()));
      prepare(file, part.target());
      parts.add(part);
      total += part.bytes();
    }
    var meter = new Meter(progress, total);
    var cursor = new PlanCursor(parts);
    Workers.run(
        threads,
        "write",
        crew -> {
          try (Buffers.Lease lease = Buffers.lease(PieceWriter.BUFFER)) {
            var writer = new PieceWriter(source, lease.segment(), skipping, meter);
            for (Optional<Claim> claim = cursor.next();
                claim.isPresent() && !crew.stopped();
                claim = cursor.next()) {
              writer.write(claim.get());
            }
          }
        });
    meter.finish();
  }

  /// Gives a file its final size at once, so that what is not written is a hole.
  private static void prepare(PlannedFile file, Storage target) throws IOException {
    target.resize(file.size());
    switch (file.preallocation()) {
      case OFF, FULL -> {}
      case FALLOC -> {
        if (file.size() > 0) {
          target.allocate(0, file.size());
        }
      }
    }
  }
}
