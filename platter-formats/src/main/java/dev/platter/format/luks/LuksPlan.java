package dev.platter.format.luks;

import dev.platter.format.crypto.DraftOptions;
import dev.platter.format.crypto.Luks1Draft;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Encryption;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// The layout of a new container: header and key slots, behind them the disk.
final class LuksPlan {
  static final String VERSION = "version";
  static final String PREALLOCATION = "preallocation";
  static final String SECTOR_SIZE = "sector-size";
  static final String PBKDF = "pbkdf";
  static final String PBKDF_MEMORY = "pbkdf-memory";
  static final String LABEL = "label";

  /// The options of the format.
  static final List<Option> OPTIONS =
      Stream.concat(
              DraftOptions.declared("").stream(),
              Stream.of(
                  Option.choice(VERSION, List.of("1", "2"), "version of LUKS; QEMU reads 1"),
                  Option.choice(
                      PREALLOCATION,
                      List.of("off", "falloc", "full"),
                      "what is not written: noise, noise with room, or zeros"),
                  Option.size(SECTOR_SIZE, "512", "bytes of a sector, up to 4096 (version 2)"),
                  Option.choice(
                      PBKDF,
                      List.of("argon2id", "argon2i", "pbkdf2"),
                      "how keys are derived (version 2)"),
                  Option.size(PBKDF_MEMORY, "1G", "memory that argon2 takes at most (version 2)"),
                  Option.text(LABEL, "a name for the container (version 2)")))
          .toList();

  private LuksPlan() {}

  /// Lays out a container.
  ///
  /// @throws IllegalArgumentException if there can be no such container
  static Plan of(Blueprint blueprint, Allocation allocation) {
    require(blueprint.backing().isEmpty(), "a LUKS container has no place for a backing file");
    DraftOptions options = DraftOptions.of(blueprint.options(), "");
    if (blueprint.options().text(VERSION).equals("1")) {
      for (String name : List.of(SECTOR_SIZE, PBKDF, PBKDF_MEMORY, LABEL)) {
        require(!blueprint.options().has(name), name + " needs version=2");
      }
      var draft = new Luks1Draft(blueprint, options);
      return plan(blueprint, allocation, draft.piece(0), draft.length(), draft.cipher());
    }
    var draft = new Luks2Draft(blueprint, options);
    return plan(blueprint, allocation, draft.piece(), Luks2Draft.PAYLOAD, draft.cipher());
  }

  private static Plan plan(
      Blueprint blueprint, Allocation allocation, Piece head, long payload, SectorCipher cipher) {
    long unit = cipher.unit();
    require(
        blueprint.size() <= Long.MAX_VALUE - payload - unit,
        "a disk of " + blueprint.size() + " bytes is too large");
    long size = blueprint.size() + unit - 1 & -unit;
    String room = blueprint.options().text(PREALLOCATION).toUpperCase(Locale.ROOT);
    boolean all = room.equals("FULL");
    List<Piece> pieces = new ArrayList<>();
    pieces.add(head);
    Allocation runs = all ? Allocation.full(size) : allocation.align(unit);
    for (int run = 0; run < runs.count(); run++) {
      long start = runs.start(run);
      long length = Math.min(runs.end(run) + unit - 1 & -unit, size) - start;
      pieces.add(new Piece.Guest(payload + start, length, start));
    }
    return Plan.of(
        new PlannedFile(
            "",
            payload + size,
            pieces,
            // what is written need not be set aside
            all ? Preallocation.OFF : Preallocation.valueOf(room),
            Optional.of(new Encryption(cipher, payload))));
  }

  static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
