package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.GuessedRaw;
import dev.platter.cli.IoRequest.Refused;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.Sharing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/// A guest that does what it is told, line by line.
final class IoSession implements AutoCloseable {
  private final Console console;
  private final Disks disks;
  private Optional<Opened> opened = Optional.empty();
  private boolean failed;
  private boolean ended;

  /// The image that is worked on.
  ///
  /// @param device the disk, guarded where its format was guessed
  /// @param discards whether discards are done
  record Opened(
      ImageName name, DiskOptions options, Disk disk, BlockDevice device, boolean discards) {}

  IoSession(Console console, Disks disks) {
    this.console = console;
    this.disks = disks;
  }

  /// Opens the image that the requests are for.
  void open(ImageName name, DiskOptions options, boolean discards) throws IOException {
    Disk disk = disks.open(Images.existing(name.path(), disks), options.settings(name.settings()));
    BlockDevice device =
        options.format().isEmpty() && options.access().writes()
            ? GuessedRaw.guard(disk, disks.formats())
            : disk;
    opened = Optional.of(new Opened(name, options, disk, device, discards));
  }

  /// Whether a request failed.
  boolean failed() {
    return failed;
  }

  /// Whether the script asked to end.
  boolean ended() {
    return ended;
  }

  /// Does a line.
  void run(String line) throws IOException {
    List<String> words = new ArrayList<>();
    StringTokenizer tokens = new StringTokenizer(line);
    while (tokens.hasMoreTokens()) {
      words.add(tokens.nextToken());
    }
    if (words.isEmpty()) {
      return;
    }
    try {
      perform(IoRequest.of(words));
    } catch (Refused e) {
      failed = true;
      if (e.onError()) {
        console.flush();
        console.error(lines(e.getMessage()) + "\n");
      } else {
        console.line(e.getMessage());
      }
    }
  }

  private static String lines(String message) {
    StringBuilder text = new StringBuilder();
    for (String line : message.split("\n", -1)) {
      text.append(text.isEmpty() ? "" : "\n").append(Printable.escape(line));
    }
    return text.toString();
  }

  private void perform(IoRequest request) throws IOException, Refused {
    switch (request.verb()) {
      case QUIT -> ended = true;
      case HELP -> help(request);
      case SLEEP -> sleep(request);
      case OPEN -> open(request);
      case CLOSE -> close();
      case REOPEN -> reopen(request);
      case AIO_FLUSH -> image();
      case LENGTH -> console.line(IoReport.size(image().disk().size()));
      case INFO, MAP, ALLOC -> IoAreas.perform(request, image(), console);
      case READ, READV, AIO_READ -> attempt(request, image(), IoTransfers::read);
      case WRITE, WRITEV, AIO_WRITE -> attempt(request, writable(), IoTransfers::write);
      case DISCARD -> attempt(request, writable(), IoTransfers::discard);
      case TRUNCATE ->
          attempt(request, writable(), (_, r) -> opened.get().disk().resize(r.size(0)));
      case FLUSH -> attempt(request, image(), (transfers, _) -> transfers.flush());
    }
  }

  private Opened image() throws Refused {
    return opened.orElseThrow(() -> Refused.line("no file open, try 'help open'"));
  }

  private Opened writable() throws Refused {
    Opened image = image();
    if (!image.device().writable()) {
      throw Refused.line("platter: Block node is read-only");
    }
    return image;
  }

  /// A request that moves bytes.
  private interface Transfer {
    void run(IoTransfers transfers, IoRequest request) throws IOException, Refused;
  }

  /// A failed request is told, and the script goes on.
  private void attempt(IoRequest request, Opened image, Transfer transfer) throws Refused {
    try {
      transfer.run(new IoTransfers(image, console), request);
    } catch (IoTransfers.PatternException _) {
      failed = true;
    } catch (IllegalArgumentException e) {
      throw Refused.value(request.verb().word() + " failed: " + e.getMessage());
    } catch (IOException e) {
      throw Refused.value(request.verb().word() + " failed: " + Failure.of(e).sentence());
    }
  }

  private void help(IoRequest request) throws IOException, Refused {
    if (request.operands().isEmpty()) {
      for (IoVerb verb : IoVerb.values()) {
        console.line(verb.usage());
      }
      console.line("");
      console.line("Use 'help commandname' for extended help.");
      return;
    }
    String word = request.operands().getFirst();
    IoVerb verb =
        IoVerb.of(word).orElseThrow(() -> Refused.value("command " + word + " not found"));
    console.line(verb.usage());
  }

  private void sleep(IoRequest request) throws Refused, IOException {
    try {
      console.flush();
      long end =
          System.nanoTime()
              + Math.multiplyExact(Long.parseLong(request.operands().getFirst()), 1_000_000L);
      for (long left = end - System.nanoTime();
          left > 0 && !console.interruption().requested();
          left = end - System.nanoTime()) {
        Thread.sleep(Math.min(left / 1_000_000 + 1, 100));
      }
    } catch (NumberFormatException | ArithmeticException _) {
      throw Refused.value("'" + request.operands().getFirst() + "' is not a time in milliseconds");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void open(IoRequest request) throws IOException, Refused {
    if (opened.isPresent()) {
      throw Refused.line("file open already, try 'help close'");
    }
    if (request.operands().isEmpty()) {
      throw Refused.line(request.verb().usage());
    }
    Optional<String> format = Optional.empty();
    for (Map.Entry<String, String> pair :
        KeyValues.join(request.has('o') ? List.of(request.options().get('o')) : List.of())
            .entrySet()) {
      if (!pair.getKey().equals("driver")) {
        throw Refused.line("open -o " + pair.getKey() + ": only driver= is understood");
      }
      format = Optional.of(pair.getValue());
    }
    DiskOptions options =
        DiskOptions.standard()
            .format(format)
            .reach(Reach.sameFolder())
            .access(request.has('r') ? Access.READ : Access.WRITE)
            .sharing(request.has('U') ? Sharing.UNLOCKED : Sharing.LOCKED);
    try {
      open(ImageName.of(request.operands().getFirst()), options, discards(request));
    } catch (IOException | UsageException | IllegalArgumentException e) {
      throw Refused.line("platter: " + Failure.of(e).sentence());
    }
  }

  private static boolean discards(IoRequest request) throws Refused {
    if (!request.has('d')) {
      return true;
    }
    return discards(request.options().get('d'))
        .orElseThrow(() -> Refused.line("open -d: expected 'ignore' or 'unmap'"));
  }

  /// What a mode of `-d` means, if it is one.
  static Optional<Boolean> discards(String mode) {
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "ignore", "off" -> Optional.of(false);
      case "unmap", "on" -> Optional.of(true);
      default -> Optional.empty();
    };
  }

  private void reopen(IoRequest request) throws IOException, Refused {
    if (request.has('r') && request.has('w')) {
      throw Refused.line("platter: Only one -r/-w option may be given");
    }
    if (request.has('o')) {
      throw Refused.line("platter: reopen -o: no options can be changed while an image is open");
    }
    Opened image = image();
    Access access =
        request.has('r') ? Access.READ : request.has('w') ? Access.WRITE : image.options().access();
    close();
    try {
      open(image.name(), image.options().access(access), image.discards());
    } catch (IOException e) {
      throw Refused.line("platter: " + Failure.of(e).sentence());
    }
  }

  /// Closes the image, if one is open.
  @Override
  public void close() throws IOException {
    if (opened.isPresent()) {
      Disk disk = opened.get().disk();
      opened = Optional.empty();
      disk.close();
    }
  }
}
