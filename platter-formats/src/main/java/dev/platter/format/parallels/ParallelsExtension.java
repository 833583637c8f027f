package dev.platter.format.parallels;

import dev.platter.image.Claim;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The format extension: a cluster with sections, such as dirty bitmaps.
///
/// @param position where the cluster starts
/// @param parts its sections without the last one, which is the end
record ParallelsExtension(Storage storage, long position, long cluster, List<Part> parts) {
  private static final int STEP = 64 << 10;

  /// Clusters of one bitmap: with the usual cluster a bit a sector of a disk of 4 PiB.
  private static final long MOST_CLUSTERS = 1 << 20;

  private static final ValueLayout.OfLong ENTRY =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// A section and where it starts.
  record Part(long position, ParallelsSection section) {
    long dataPosition() {
      return position + ParallelsSection.STRUCT.size();
    }
  }

  /// The start of the cluster. Little-endian.
  ///
  /// @param magic [#MAGIC]
  /// @param checksum MD5 of the rest of the cluster
  record Head(long magic, Bytes checksum) {
    static final long MAGIC = 0xab23_4cef_23dc_ea87L;
    static final Struct<Head> STRUCT =
        Struct.littleEndian("format extension", new Head(0, Bytes.zeros(16)), Head::fields);

    private static Head fields(Fields f, Head h) {
      return new Head(f.u64("magic", h.magic), f.bytes("checksum", 16, h.checksum));
    }
  }

  /// Reads the sections.
  ///
  /// @throws ImageException.Corrupt if they make no sense
  static ParallelsExtension read(Storage storage, ParallelsHeader header, Limits limits)
      throws IOException {
    long sector = header.extension();
    long position = sector * ParallelsHeader.SECTOR;
    boolean inFile =
        sector > 0
            && sector < Long.MAX_VALUE / ParallelsHeader.SECTOR
            && header.isPlace(position)
            && position <= storage.size() - header.cluster();
    if (!inFile) {
      throw corrupt(storage, "where no cluster of the file is", sector * ParallelsHeader.SECTOR);
    }
    Head head = Head.STRUCT.read(storage, position);
    if (head.magic() != Head.MAGIC) {
      throw corrupt(storage, "which has another magic there", position);
    }
    List<Part> parts = new ArrayList<>();
    long end = position + header.cluster();
    long at = position + Head.STRUCT.size();
    while (true) {
      if (at + ParallelsSection.STRUCT.size() > end) {
        throw corrupt(storage, "which has no end of its sections", position);
      }
      ParallelsSection section = ParallelsSection.STRUCT.read(storage, at);
      if (section.magic() == ParallelsSection.END) {
        return new ParallelsExtension(storage, position, header.cluster(), List.copyOf(parts));
      }
      parts.add(new Part(at, section));
      Limits.check(
          storage.name(), "sections of the format extension", parts.size(), limits.snapshots());
      at += ParallelsSection.STRUCT.size() + section.padded();
    }
  }

  private static ImageException.Corrupt corrupt(Storage storage, String what, long position) {
    return new ImageException.Corrupt(
        storage.name(),
        "header field extension at "
            + ParallelsHeader.STRUCT.offset("extension")
            + " names a format extension at "
            + Long.toUnsignedString(position)
            + ", "
            + what);
  }

  /// Checks the checksum and the bitmaps.
  ///
  /// @throws ImageException.Corrupt if something does not fit
  void verify() throws IOException {
    Bytes expected = Head.STRUCT.read(storage, position).checksum();
    int head = Head.STRUCT.size();
    MessageDigest digest = md5();
    byte[] piece = new byte[STEP];
    for (long done = head; done < cluster; ) {
      int length = (int) Math.min(STEP, cluster - done);
      storage.read(position + done, MemorySegment.ofArray(piece).asSlice(0, length));
      digest.update(piece, 0, length);
      done += length;
    }
    Bytes found = Bytes.of(digest.digest());
    if (!found.equals(expected)) {
      throw corrupt(storage, "whose checksum is " + found + " instead of " + expected, position);
    }
    for (Part part : parts) {
      if (part.section().isBitmap()) {
        bitmap(part);
      }
    }
  }

  static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  /// The start of a bitmap's data.
  ParallelsBitmap bitmap(Part part) throws IOException {
    ParallelsBitmap bitmap = ParallelsBitmap.STRUCT.read(storage, part.dataPosition());
    if (ParallelsBitmap.STRUCT.size() + 8 * bitmap.entries() > part.section().size()) {
      throw corrupt(
          storage,
          "with a bitmap of " + bitmap.entries() + " entries in too little room",
          position);
    }
    return bitmap;
  }

  /// Tells which clusters belong to the extension, as far as it is understood.
  void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("format extension", position, cluster));
    for (Part part : parts) {
      if (part.section().isBitmap()) {
        bitmapClaims(part, sink);
      }
    }
  }

  private void bitmapClaims(Part part, Consumer<Claim> sink) throws IOException {
    ParallelsBitmap bitmap = bitmap(part);
    Limits.check(storage.name(), "clusters of a dirty bitmap", bitmap.entries(), MOST_CLUSTERS);
    MemorySegment entry = MemorySegment.ofArray(new byte[8]);
    long table = part.dataPosition() + ParallelsBitmap.STRUCT.size();
    for (long i = 0; i < bitmap.entries(); i++) {
      storage.read(table + 8 * i, entry);
      long sector = entry.get(ENTRY, 0);
      // 0 and 1 stand for a cluster of zeros or ones
      if (sector > 1 || sector < 0) {
        boolean far = sector < 0 || sector > Long.MAX_VALUE / ParallelsHeader.SECTOR;
        sink.accept(
            new Claim(
                "cluster " + i + " of the dirty bitmap at " + part.position(),
                far ? Long.MAX_VALUE - cluster : sector * ParallelsHeader.SECTOR,
                cluster));
      }
    }
  }

  /// Where the clusters are that belong to the extension, as far as it is understood.
  List<Long> positions() throws IOException {
    List<Long> positions = new ArrayList<>();
    claims(claim -> positions.add(claim.position()));
    return positions;
  }

  /// A section that forbids every change.
  Optional<Part> forbidding() {
    return parts.stream().filter(part -> part.section().forbidsChanges()).findFirst();
  }

  /// Sections that outlive a change.
  List<Part> staying() {
    return parts.stream().filter(part -> part.section().stays()).toList();
  }

  /// The bytes of an extension that has only some of the sections, its cluster's rest is zeros.
  byte[] encode(List<Part> some) throws IOException {
    int head = Head.STRUCT.size();
    long size = (long) head + ParallelsSection.STRUCT.size();
    for (Part part : some) {
      size += ParallelsSection.STRUCT.size() + part.section().padded();
    }
    byte[] bytes = new byte[Math.toIntExact(size)];
    int at = head;
    for (Part part : some) {
      long length = ParallelsSection.STRUCT.size() + part.section().size();
      storage.read(part.position(), MemorySegment.ofArray(bytes).asSlice(at, length));
      at += (int) (ParallelsSection.STRUCT.size() + part.section().padded());
    }
    MessageDigest digest = md5();
    digest.update(bytes, head, bytes.length - head);
    byte[] zeros = new byte[STEP];
    for (long done = bytes.length; done < cluster; done += STEP) {
      digest.update(zeros, 0, (int) Math.min(STEP, cluster - done));
    }
    byte[] encoded = Head.STRUCT.encode(new Head(Head.MAGIC, Bytes.of(digest.digest())));
    System.arraycopy(encoded, 0, bytes, 0, head);
    return bytes;
  }
}
