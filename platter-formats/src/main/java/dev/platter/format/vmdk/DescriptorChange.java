package dev.platter.format.vmdk;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/// Puts a text in the place of another, all of it or nothing, where it takes more than one sector.
///
/// Inside a sparse extent the text goes into the second half of the descriptor's room first, where
/// the header, which is one sector, then points to until the text is in its place as well. A text
/// file has nothing in front that could point anywhere: the new text goes behind the old one and a
/// zero byte, with a mark and a checksum, and is believed as soon as it is whole.
final class DescriptorChange {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final byte[] MARK =
      "\0platter: new descriptor\0".getBytes(StandardCharsets.US_ASCII);

  /// The mark, the text's length and its checksum.
  private static final int HEAD = MARK.length + 8;

  private final Storage storage;
  private final long position;
  private final int room;

  DescriptorChange(DescriptorPlace place) {
    this.storage = place.storage();
    this.position = place.position();
    this.room = (int) place.room();
  }

  /// Whether no more than one sector differs, which needs no care, and the length is the same.
  private static boolean isSmall(byte[] before, byte[] after) {
    int first = Arrays.mismatch(before, after);
    if (first < 0 || before.length != after.length) {
      return first < 0;
    }
    int sector = first / SECTOR * SECTOR;
    int end = Math.min(sector + SECTOR, after.length);
    return Arrays.equals(before, end, before.length, after, end, after.length);
  }

  /// Writes a text over another one; durable on return.
  ///
  /// @param before what is there now, to the end of the room or of the file
  /// @throws IllegalArgumentException if there is not enough room
  void write(byte[] before, byte[] text, long longest) throws IOException {
    if (room == 0) {
      if (2L * text.length + before.length > longest) {
        throw tooLong(text.length);
      }
      writeFile(before, text);
      return;
    }
    byte[] after = Arrays.copyOf(text, Math.max(room, text.length));
    if (text.length < room && isSmall(before, after)) {
      put(position, after);
      return;
    }
    int half = room / 2 / SECTOR * SECTOR;
    if (text.length >= half) {
      throw tooLong(text.length);
    }
    put(position + half, Arrays.copyOf(text, room - half));
    point(position + half, room - half);
    put(position, Arrays.copyOf(text, half));
    point(position, room);
    put(position + half, new byte[room - half]);
  }

  private IllegalArgumentException tooLong(int length) {
    return new IllegalArgumentException(
        "a descriptor of "
            + length
            + " bytes does not fit into "
            + storage.name()
            + " beside the present one");
  }

  private void put(long at, byte[] bytes) throws IOException {
    storage.write(at, MemorySegment.ofArray(bytes));
    storage.flush();
  }

  private void point(long at, long length) throws IOException {
    var place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    place.putLong(at / SECTOR).putLong(length / SECTOR);
    put(SparseHeader.STRUCT.offset("descriptorOffset"), place.array());
  }

  private void writeFile(byte[] before, byte[] text) throws IOException {
    if (isSmall(before, text)) {
      put(0, text);
      return;
    }
    byte[] record = new byte[HEAD + text.length];
    System.arraycopy(MARK, 0, record, 0, MARK.length);
    var crc = new CRC32();
    crc.update(text);
    ByteBuffer.wrap(record, MARK.length, 8).putInt(text.length).putInt((int) crc.getValue());
    System.arraycopy(text, 0, record, HEAD, text.length);
    int start = Math.max(before.length, text.length) / SECTOR * SECTOR + SECTOR;
    put(before.length, new byte[start - before.length]);
    put(start, record);
    finish(text);
  }

  /// Puts the text in its place that was believed from behind the old one.
  void finish(byte[] text) throws IOException {
    int end = (text.length + SECTOR) / SECTOR * SECTOR;
    put(0, Arrays.copyOf(text, end));
    storage.resize(text.length);
    storage.flush();
  }

  /// The text behind a text file's old one, if it is there as a whole.
  static Optional<byte[]> pending(byte[] file) {
    for (int at = SECTOR; at + HEAD <= file.length; at += SECTOR) {
      if (!Arrays.equals(file, at, at + MARK.length, MARK, 0, MARK.length)) {
        continue;
      }
      var head = ByteBuffer.wrap(file, at + MARK.length, 8);
      int length = head.getInt();
      int checksum = head.getInt();
      if (length < 0 || length > file.length - at - HEAD) {
        return Optional.empty();
      }
      byte[] text = Arrays.copyOfRange(file, at + HEAD, at + HEAD + length);
      var crc = new CRC32();
      crc.update(text);
      return (int) crc.getValue() == checksum ? Optional.of(text) : Optional.empty();
    }
    return Optional.empty();
  }
}
