package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.ImageFormat;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Secrets;
import dev.platter.io.Durability;
import dev.platter.io.Storage;
import dev.platter.operation.PlanWriter.Skipping;
import dev.platter.operation.Survey.Detail;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Copies disks into a new image of any format, or into an existing one. Say what is wanted with
/// the methods that return the conversion itself, then call one of the methods that run it.
///
/// The result is the same bytes for any number of threads. Memory is bounded whatever the size.
public final class Conversion {
  private static final int SECTOR = 512;
  private static final long LARGE_UNIT = 1 << 20;

  private final List<BlockDevice> sources;
  private Map<String, String> options = Map.of();
  private OptionalLong size = OptionalLong.empty();
  private Optional<Blueprint.Backing> backing = Optional.empty();
  private Optional<Survey.Parent> parent = Optional.empty();
  private Optional<BlockDevice> before = Optional.empty();
  private boolean compressed;
  private long sparse = 4096;
  private int threads = Workers.cores();
  private boolean deterministic;
  private Secrets secrets = Secrets.none();
  private Durability durability = Durability.DURABLE;
  private Progress progress = Progress.none();

  private Conversion(List<? extends BlockDevice> sources) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("there is no source");
    }
    this.sources = List.copyOf(sources);
  }

  /// A conversion of one disk, or of several joined end to end, each of whole sectors.
  public static Conversion of(List<? extends BlockDevice> sources) {
    return new Conversion(sources);
  }

  /// Options of the target's format; none by default.
  public Conversion options(Map<String, String> given) {
    options = Map.copyOf(given);
    return this;
  }

  /// The new disk's size: cut, or longer with zeros. By default that of the sources, in whole
  /// sectors unless the format keeps every byte at its place.
  public Conversion size(long bytes) {
    size = OptionalLong.of(bytes);
    return this;
  }

  /// Makes the new image a child. What the source has at `shared` or deeper in its chain is not
  /// copied, because the parent has it.
  ///
  /// @param parentSize bytes of the parent's disk
  /// @param shared the first image of the source's chain, the top being 0, that the new image does
  ///   without; the chain's length if nothing is shared
  public Conversion backing(Blueprint.Backing link, long parentSize, int shared) {
    if (sources.size() > 1) {
      throw new IllegalArgumentException("several sources joined cannot share one backing file");
    }
    backing = Optional.of(link);
    return above(parentSize, shared);
  }

  /// For [#into] a target that has a parent already: what the source has at `shared` or deeper in
  /// its chain is not copied.
  public Conversion above(long parentSize, int shared) {
    parent = Optional.of(new Survey.Parent(parentSize, shared));
    return this;
  }

  /// Makes the new image a child that turns its parent into the source: only what differs is
  /// stored, whole units of the target, wherever it comes from.
  ///
  /// @param parent the parent's disk; what it has behind the source's end does not count
  public Conversion changing(Blueprint.Backing link, BlockDevice parent) {
    before = Optional.of(parent);
    return backing(link, parent.size(), Integer.MAX_VALUE);
  }

  /// Stores guest data compressed.
  public Conversion compressed() {
    compressed = true;
    return this;
  }

  /// Runs of at least so many zero bytes in the source's data are not stored, as far as the target
  /// has units as small; 0 stores all of the disk, zeros too. 4096 by default.
  public Conversion sparse(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("sparse size " + bytes + " is less than 0");
    }
    sparse = bytes;
    return this;
  }

  /// How many threads work; one a core by default.
  public Conversion threads(int count) {
    threads = Math.clamp(count, 1, 256);
    return this;
  }

  /// Makes identities and times that depend on nothing, so that the same source gives the same
  /// file.
  public Conversion deterministic() {
    deterministic = true;
    return this;
  }

  /// The keys that options of the target's format name; none by default.
  public Conversion secrets(Secrets keys) {
    secrets = keys;
    return this;
  }

  /// What the new files owe a crash of the machine; durable by default.
  public Conversion durability(Durability promise) {
    durability = promise;
    return this;
  }

  /// Who hears how far it is.
  public Conversion progress(Progress listener) {
    progress = listener;
    return this;
  }

  /// What the new image will be, before a byte is written; uncompressed.
  ///
  /// @param name the new file's name without its folder
  public Plan plan(ImageFormat format, String name) throws IOException {
    return layout(target(format, name), quiet(progress)).plan();
  }

  /// What the new image would be if all of its disk were data.
  Plan fullPlan(ImageFormat format, String name) throws IOException {
    TargetLayout target = target(format, name);
    return format.plan(target.blueprint(), Allocation.full(target.size()));
  }

  /// Writes a new file, and further ones beside it if the format needs them. All are durable, if
  /// they shall be, before they get their names; an older file of that name is replaced.
  public void toFile(ImageFormat format, Path target) throws IOException {
    refuseSource(target);
    try (var drafts = new Drafts(target, durability)) {
      write(format, target.getFileName().toString(), drafts);
      progress.checkpoint();
      drafts.publish();
    }
  }

  /// Writes a new image to storages that are empty, without making it durable.
  public void toStorages(ImageFormat format, String name, NewStorages target) throws IOException {
    write(format, name, target);
  }

  /// Writes a new image in one pass, in ascending order; does not close the stream.
  ///
  /// @throws IllegalArgumentException if the image has more than one file, or is compressed and of
  ///   a format that has something in front that is known only at the end
  public void toStream(ImageFormat format, String name, OutputStream target) throws IOException {
    TargetLayout wanted = target(format, name);
    if (compressed || wanted.alwaysPacked()) {
      packToStream(wanted, target);
      return;
    }
    Plan plan = plan(format, name);
    requireOneFile(plan, format);
    BlockDevice source = source(wanted.size());
    new PlanStream(plan.files().getFirst(), source, target, progress).run(0);
  }

  private static void requireOneFile(Plan plan, ImageFormat format) {
    if (plan.files().size() > 1) {
      throw new IllegalArgumentException(
          "a "
              + format.name()
              + " image with these options has "
              + plan.files().size()
              + " files and cannot be written in one pass");
    }
  }

  private void packToStream(TargetLayout wanted, OutputStream target) throws IOException {
    Packing packing = packing(wanted);
    if (packing.onePass().isEmpty()) {
      throw new IllegalArgumentException(
          "a compressed " + wanted.format().name() + " image cannot be written in one pass");
    }
    var output = new InOnePass(target);
    Plan rest = pack(packing, wanted, output);
    requireOneFile(rest, wanted.format());
    new PlanStream(rest.files().getFirst(), source(wanted.size()), target, quiet(progress))
        .run(output.end());
  }

  /// Writes into an existing disk and makes it durable. What the target has behind the source's end
  /// stays as it is.
  ///
  /// @throws IllegalArgumentException if the target is smaller than the source
  public void into(BlockDevice target, Existing content) throws IOException {
    BlockDevice source = source(size.orElse(Joined.sizeOf(sources)));
    if (target.size() < source.size()) {
      throw new IllegalArgumentException(
          "the target has " + target.size() + " bytes, the source " + source.size());
    }
    Detail detail = sparse == 0 ? Detail.NOTHING : Detail.MAP;
    Allocation allocation = new Survey(source, detail, 1, parent, threads, quiet(progress)).run();
    new DeviceWriter(source, target, allocation, parent.isPresent(), content, sparse, progress)
        .run(threads);
  }

  /// What is known about the bytes of an existing target.
  public enum Existing {
    /// Nothing: what reads as zeros in the source is made zeros.
    UNKNOWN,
    /// All are zeros already.
    ZERO
  }

  /// A plan and what its execution leaves out.
  private record Layout(Plan plan, Skipping skipping) {}

  private Layout layout(TargetLayout target, Progress listener) throws IOException {
    BlockDevice source = source(target.size());
    boolean fixed = target.fixed();
    boolean everything = sparse == 0 || !target.gapsReadAsZeros();
    Detail detail = everything ? Detail.NOTHING : fixed ? Detail.MAP : Detail.BYTES;
    long unit = fixed ? 1 : Math.max(target.unit(), TargetLayout.powerOfTwo(sparse));
    Allocation allocation =
        before.isPresent()
            ? new Difference(before.get(), source, unit, threads, listener).run()
            : new Survey(source, detail, unit, parent, threads, listener).run();
    Skipping skipping =
        switch (detail) {
          case NOTHING -> Skipping.NONE;
          case MAP -> new Skipping(sparse, true);
          // a small unit with data is written whole, a large one may be zeros for the most part
          case BYTES -> unit < LARGE_UNIT ? Skipping.METADATA : new Skipping(sparse, true);
        };
    return new Layout(target.format().plan(target.blueprint(), allocation), skipping);
  }

  private void write(ImageFormat format, String name, NewStorages storages) throws IOException {
    TargetLayout target = target(format, name);
    if (compressed || target.alwaysPacked()) {
      pack(target, storages);
      return;
    }
    Layout layout = layout(target, quiet(progress));
    new PlanWriter(layout.plan(), source(target.size()), layout.skipping(), threads)
        .run(storages, progress);
  }

  private void pack(TargetLayout target, NewStorages storages) throws IOException {
    Packing packing = packing(target);
    Storage main = storages.create("");
    Plan rest = pack(packing, target, main::write);
    new PlanWriter(rest, source(target.size()), Skipping.METADATA, threads)
        .run(file -> file.isEmpty() ? main : storages.create(file), quiet(progress));
  }

  private static Packing packing(TargetLayout target) throws IOException {
    return target
        .format()
        .pack(target.blueprint())
        .orElseThrow(() ->
            new IllegalArgumentException(
                "format " + target.format().name() + " cannot store compressed data"));
  }

  /// Writes the compressed units.
  ///
  /// @return the rest of the image
  private Plan pack(Packing packing, TargetLayout target, PackWriter.Output output)
      throws IOException {
    BlockDevice source = source(target.size());
    int unit = packing.unitSize();
    Detail detail = sparse == 0 ? Detail.NOTHING : Detail.MAP;
    Allocation units =
        before.isPresent()
            ? new Difference(before.get(), source, unit, threads, quiet(progress)).run()
            : new Survey(source, detail, unit, parent, threads, quiet(progress)).run().align(unit);
    PackWriter.Zeros rule =
        sparse == 0
            ? PackWriter.Zeros.STORED
            : parent.isPresent() ? PackWriter.Zeros.TOLD : PackWriter.Zeros.LEFT_OUT;
    return new PackWriter(packing, source, units, output, rule, progress).run(threads);
  }

  private TargetLayout target(ImageFormat format, String name) {
    return new TargetLayout(
        format, options, name, targetSize(format), backing, deterministic, secrets);
  }

  private long targetSize(ImageFormat format) {
    long bytes = size.orElse(Joined.sizeOf(sources));
    return format.capabilities().contains(Capability.STREAM_READ)
        ? bytes
        : Math.addExact(bytes, SECTOR - 1) & -SECTOR;
  }

  private BlockDevice source(long bytes) {
    return Joined.of(sources, bytes);
  }

  /// Hears nothing, but can still stop the work.
  private static Progress quiet(Progress listener) {
    return new Progress() {
      @Override
      public void report(long done, long total) {
        // a part of the work that the user need not see
      }

      @Override
      public boolean cancelled() {
        return listener.cancelled();
      }
    };
  }

  /// A source must not be replaced by what is read from it.
  private void refuseSource(Path target) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    for (BlockDevice source : sources) {
      if (source instanceof Disk disk) {
        for (Disk.Layer layer : disk.layers()) {
          for (Storage storage : layer.image().storages()) {
            if (storage.path().isPresent() && Files.isSameFile(storage.path().get(), target)) {
              throw new IllegalArgumentException(target + " is a file of the source");
            }
          }
        }
      }
    }
  }
}
