package dev.platter.cli;

import dev.platter.BlockDevice.Room;
import dev.platter.cli.IoRequest.Refused;
import dev.platter.cli.IoSession.Opened;
import dev.platter.image.Zeroing;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;

/// The requests of a script that move bytes.
final class IoTransfers {
  private static final int PIECE = 4 << 20;
  private static final int ROW = 16;
  private static final int WRITTEN = 0xcd;
  private final Opened image;
  private final Console console;

  IoTransfers(Opened image, Console console) {
    this.image = image;
    this.console = console;
  }

  /// Something done with a piece of a range.
  private interface Piece {
    /// @param done bytes of the range before the piece
    void run(MemorySegment piece, long done) throws IOException;
  }

  private static void inPieces(long length, Piece action) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.clamp(length, 1, PIECE), 4096);
      for (long done = 0; done < length; done += PIECE) {
        action.run(buffer.asSlice(0, Math.min(PIECE, length - done)), done);
      }
    }
  }

  private void checkRange(long offset, long length) throws IOException {
    if (length > image.disk().size() || offset > image.disk().size() - length) {
      throw new IOException("Input/output error");
    }
  }

  private void report(IoRequest request, String done, long offset, long length, long start)
      throws IOException {
    if (!request.has('q')) {
      long nanos = System.nanoTime() - start;
      console.print(
          request.has('C')
              ? IoReport.fields(length, nanos)
              : IoReport.lines(done, offset, length, nanos));
    }
  }

  /// Reads, and compares with a pattern.
  void read(IoRequest request) throws IOException, Refused {
    long offset = request.size(0);
    long length = request.lengths();
    if ((request.has('s') || request.has('l')) && !request.has('P')) {
      throw Refused.value(request.verb().usage());
    }
    byte pattern = request.pattern(0);
    long from = request.has('s') ? IoRequest.size(request.options().get('s')) : 0;
    long compared = request.has('l') ? IoRequest.size(request.options().get('l')) : length - from;
    if (from > length || compared > length - from) {
      throw Refused.value("pattern verification range exceeds end of read data");
    }
    checkRange(offset, length);
    long start = System.nanoTime();
    boolean[] same = {true};
    inPieces(
        length,
        (piece, done) -> {
          image.device().read(offset + done, piece);
          long low = Math.clamp(from - done, 0, piece.byteSize());
          long high = Math.clamp(from + compared - done, 0, piece.byteSize());
          if (request.has('P')) {
            same[0] &= isFilled(piece.asSlice(low, Math.max(0, high - low)), pattern);
          }
          if (request.has('v')) {
            dump(offset + done, piece);
          }
        });
    if (!same[0]) {
      console.line(
          "Pattern verification failed at offset " + (offset + from) + ", " + compared + " bytes");
    }
    report(request, "read", offset, length, start);
    if (!same[0]) {
      throw new PatternException();
    }
  }

  private static boolean isFilled(MemorySegment bytes, byte pattern) {
    if (bytes.byteSize() == 0) {
      return true;
    }
    return bytes.get(ValueLayout.JAVA_BYTE, 0) == pattern
        && MemorySegment.mismatch(bytes, 0, bytes.byteSize() - 1, bytes, 1, bytes.byteSize()) < 0;
  }

  private void dump(long offset, MemorySegment bytes) throws IOException {
    StringBuilder text = new StringBuilder();
    for (long at = 0; at < bytes.byteSize(); at += ROW) {
      MemorySegment row = bytes.asSlice(at, Math.min(ROW, bytes.byteSize() - at));
      IoReport.hex(offset + at, row.toArray(ValueLayout.JAVA_BYTE), text);
    }
    console.print(text.toString());
  }

  /// Writes a pattern, a file, zeros or a compressed unit.
  void write(IoRequest request) throws IOException, Refused {
    long offset = request.size(0);
    long length = request.lengths();
    checkOptions(request);
    byte pattern = request.pattern(WRITTEN);
    checkRange(offset, length);
    long start = System.nanoTime();
    if (request.has('z')) {
      zero(request, offset, length);
    } else if (request.has('s')) {
      writeFile(request.options().get('s'), offset, length);
    } else {
      inPieces(
          length,
          (piece, done) -> {
            piece.fill(pattern);
            store(request, offset + done, piece);
          });
    }
    if (request.has('f')) {
      image.device().flush();
    }
    report(request, "wrote", offset, length, start);
  }

  private static void checkOptions(IoRequest request) throws Refused {
    if (request.has('c') && request.has('z')) {
      throw Refused.value("-c and -z cannot be specified at the same time");
    }
    if (request.has('n') && !request.has('z')) {
      throw Refused.value("-n requires -z to be specified");
    }
    if (request.has('u') && !request.has('z')) {
      throw Refused.value("-u requires -z to be specified");
    }
    int sources = 0;
    for (char letter : new char[] {'z', 'P', 's'}) {
      sources += request.has(letter) ? 1 : 0;
    }
    if (sources > 1) {
      throw Refused.value("Only one of -z, -P, and -s can be specified at the same time");
    }
    if (request.has('z') && request.operands().size() > 2) {
      throw Refused.value("-z supports only a single length parameter");
    }
  }

  private void zero(IoRequest request, long offset, long length) throws IOException {
    if (request.has('n') && !(image.disk().top() instanceof Zeroing)) {
      throw new IOException("Operation not supported");
    }
    Room room = request.has('u') && image.discards() ? Room.RELEASE : Room.KEEP;
    image.device().zero(offset, length, room);
  }

  private void store(IoRequest request, long offset, MemorySegment piece) throws IOException {
    if (request.has('c')) {
      image.disk().writeCompressed(offset, piece);
    } else {
      image.device().write(offset, piece);
    }
  }

  /// Writes a file's content, repeated where it is too short.
  private void writeFile(String name, long offset, long length) throws IOException, Refused {
    byte[] content;
    try {
      var path = ImageName.of(name).path();
      if (Files.size(path) > IoRequest.MOST) {
        throw Refused.value(name + ": is larger than " + IoRequest.MOST + " bytes");
      }
      content = Files.readAllBytes(path);
    } catch (IOException | UsageException e) {
      throw Refused.value(Failure.of(e).sentence());
    }
    if (content.length == 0) {
      throw Refused.value(name + ": is empty");
    }
    inPieces(
        length,
        (piece, done) -> {
          for (long at = 0; at < piece.byteSize(); ) {
            int from = (int) ((done + at) % content.length);
            long count = Math.min(piece.byteSize() - at, content.length - from);
            MemorySegment.copy(MemorySegment.ofArray(content), from, piece, at, count);
            at += count;
          }
          image.device().write(offset + done, piece);
        });
  }

  /// Gives room back.
  void discard(IoRequest request) throws IOException, Refused {
    long offset = request.size(0);
    long length = request.lengths();
    checkRange(offset, length);
    long start = System.nanoTime();
    if (image.discards()) {
      image.device().discard(offset, length);
    }
    report(request, "discard", offset, length, start);
  }

  /// Makes everything durable.
  void flush() throws IOException {
    image.device().flush();
  }

  /// A pattern was not there, which is told already.
  static final class PatternException extends IOException {
    private static final long serialVersionUID = 1;

    private PatternException() {
      super("pattern verification failed");
    }
  }
}
