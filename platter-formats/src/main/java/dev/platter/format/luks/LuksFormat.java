package dev.platter.format.luks;

import dev.platter.format.crypto.KeyContainer;
import dev.platter.format.crypto.Luks1;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Encrypted disks as Linux has them: LUKS, versions 1 and 2.
public final class LuksFormat implements ImageFormat {
  private static final int PROBED = 8;

  /// The format is found as a service.
  public LuksFormat() {}

  @Override
  public String name() {
    return "luks";
  }

  @Override
  public List<String> aliases() {
    return List.of("luks1", "luks2");
  }

  @Override
  public String title() {
    return "Linux Unified Key Setup";
  }

  @Override
  public List<String> extensions() {
    return List.of("luks");
  }

  @Override
  public List<Option> options() {
    return LuksPlan.OPTIONS;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.CREATE, Capability.WRITE, Capability.STREAM_WRITE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    int version = version(storage);
    return switch (version) {
      case 0 -> new Probe.NotMine();
      case 1, 2 -> new Probe.Mine();
      default -> new Probe.Broken("its LUKS version at 6 is " + version + ", known are 1 and 2");
    };
  }

  /// The version of a header, 0 if there is no header.
  private static int version(Storage storage) throws IOException {
    if (storage.size() < PROBED) {
      return 0;
    }
    byte[] start = new byte[PROBED];
    storage.read(0, MemorySegment.ofArray(start));
    byte[] magic = Luks2Header.FIRST.toArray();
    return Arrays.equals(start, 0, magic.length, magic, 0, magic.length)
        ? ((start[6] & 0xff) << 8) | (start[7] & 0xff)
        : 0;
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Image image = opened(storage, context);
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  private static Image opened(Storage storage, OpenContext context) throws IOException {
    KeyContainer container;
    long size;
    if (version(storage) == 1) {
      container = Luks1.ofContainer(storage);
      size = storage.size() - container.payload() & -512;
    } else {
      // one that is damaged in front may still have its second header
      Luks2 second = Luks2.read(storage);
      container = second;
      long there = storage.size() - second.payload();
      size = Math.min(second.size().orElse(there), there) & -second.sector();
    }
    if (size < 0) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its guest data starts at "
              + container.payload()
              + ", the file ends at "
              + storage.size());
    }
    if (context.purpose() != Purpose.DATA) {
      return new LuksImage(storage, container, size);
    }
    try (Secret secret = context.secrets().require(storage, "LUKS")) {
      return new LuksImage(storage, container, size, container.unlock(secret));
    }
  }

  @Override
  public boolean gapsReadAsZeros(Blueprint blueprint) {
    return false;
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return LuksPlan.of(blueprint, allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
