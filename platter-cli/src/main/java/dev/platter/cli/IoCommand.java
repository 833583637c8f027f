package dev.platter.cli;

import dev.platter.DiskOptions;
import dev.platter.io.Access;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// `io`: a scripted guest, in the language of `qemu-io`.
final class IoCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .values(
            "REQUEST",
            "Do this; may be given several times, and is done in order. Without it"
                + " requests are read from standard input.",
            "-c",
            "--cmd")
        .flag("Open read-only.", "-r", "--read-only")
        .value("MODE", "What discards do: 'unmap' (if not given) or 'ignore'.", "-d", "--discard")
        .flag("Taken and ignored: the host's cache is used.", "-n", "--nocache")
        .value("MODE", "Taken and ignored.", "-t", "--cache")
        .flag("Taken and ignored.", "-k", "--native-aio")
        .value("MODE", "Taken and ignored.", "-i", "--aio")
        .flag("Taken and ignored.", "-m", "--misalign")
        .files("FILE", 0, 1, "The image; 'open' opens one too.");
    Images.describe(syntax);
    syntax.notes(
        "Requests: read, write, readv, writev, aio_read, aio_write, discard, flush, length, map,",
        "alloc, info, reopen, open, close, sleep, help, quit; 'help' lists their options.",
        "Code 1: a request failed. The others are done all the same.",
        "Without -f a disk found to be raw is not made to look like an image of another format.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    boolean discards =
        arguments
            .text("-d")
            .map(mode ->
                IoSession.discards(mode)
                    .orElseThrow(
                        () -> new UsageException("-d " + mode + ": expected ignore or unmap")))
            .orElse(true);
    console.interruption().protect();
    try (IoSession session = new IoSession(console, images.disks())) {
      if (!arguments.files().isEmpty()) {
        ImageName name = images.name(arguments.file());
        Optional<String> format = name.format().or(() -> arguments.text("-f"));
        boolean reads = arguments.has("-r") || arguments.has("-U");
        DiskOptions options = images.options(format).access(reads ? Access.READ : Access.WRITE);
        session.open(name, images.keyed(name, options), discards);
      }
      List<String> requests = arguments.all("-c");
      if (requests.isEmpty()) {
        interactive(session, console);
      }
      for (String request : requests) {
        if (!session.ended() && !console.interruption().requested()) {
          session.run(request);
          console.flush();
        }
      }
      if (console.interruption().requested()) {
        throw new dev.platter.operation.CancelledException();
      }
      return session.failed() ? ExitCode.FAILED : ExitCode.OK;
    }
  }

  private static void interactive(IoSession session, Console console) throws IOException {
    var reader = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
    boolean prompt =
        Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false);
    while (!session.ended()) {
      if (prompt) {
        console.print("platter> ");
      }
      console.flush();
      console.interruption().waiting(() -> closeAtStop(session, console));
      String line = reader.readLine();
      console.interruption().protect();
      if (line == null || console.interruption().requested()) {
        return;
      }
      session.run(line);
    }
  }

  private static void closeAtStop(IoSession session, Console console) {
    try {
      session.close();
    } catch (IOException e) {
      console.complain(Failure.of(e).sentence());
    }
  }
}
