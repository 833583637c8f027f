package dev.platter.cli;

import dev.platter.operation.CancelledException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/// The command: finds the verb, runs it, and turns every failure into one sentence and a code.
public final class Main {
  private Main() {}

  /// Runs the command in this process and ends it.
  public static void main(String[] args) {
    Interruption interruption = new Interruption();
    interruption.listen();
    int code = ExitCode.INTERNAL.number();
    try {
      code =
          run(
              args,
              new FileInputStream(FileDescriptor.in),
              new FileOutputStream(FileDescriptor.out),
              new FileOutputStream(FileDescriptor.err),
              interruption);
    } finally {
      interruption.finished();
      // System.exit asks for a logger first, which takes as long as the rest of a short run. All
      // that is half-made is gone: who makes something deletes it, the end of the program need not
      Runtime.getRuntime().halt(code);
    }
  }

  /// Runs the command.
  ///
  /// @param args the verb and its arguments
  /// @return the code of the process, one of [ExitCode]
  public static int run(String[] args, InputStream in, OutputStream out, OutputStream err) {
    return run(args, in, out, err, new Interruption());
  }

  static int run(
      String[] args,
      InputStream in,
      OutputStream out,
      OutputStream err,
      Interruption interruption) {
    Console console = new Console(in, out, err, interruption);
    ExitCode code = attempt(args, console);
    try {
      console.flush();
    } catch (IOException e) {
      code = fail(Failure.of(e), e, console);
    }
    return code.number();
  }

  private static ExitCode attempt(String[] args, Console console) {
    try {
      return dispatch(args, console);
    } catch (IOException | RuntimeException | Error e) {
      // when the program is being ended files vanish, and that is then what seems to be wrong
      boolean stopped = console.interruption().requested() && e instanceof IOException;
      Failure failure = Failure.of(stopped ? new CancelledException() : e);
      return fail(
          switch (args.length == 0 ? "" : args[0]) {
            case "compare" -> failure.ofCompare();
            case "check" -> failure.ofCheck();
            default -> failure;
          },
          e,
          console);
    }
  }

  private static ExitCode fail(Failure failure, Throwable cause, Console console) {
    try {
      console.flush();
    } catch (IOException _) {
      // the failure to come is told anyway, and is the first one
    }
    console.complain(failure.sentence());
    if (debugging()) {
      StringWriter trace = new StringWriter();
      cause.printStackTrace(new PrintWriter(trace));
      console.error(trace.toString());
    }
    return failure.code();
  }

  private static boolean debugging() {
    return "1".equals(System.getenv("PLATTER_DEBUG"));
  }

  private static ExitCode dispatch(String[] args, Console console) throws IOException {
    if (args.length == 0) {
      throw new UsageException("no verb was given; 'platter --help' lists them");
    }
    String[] rest = Arrays.copyOfRange(args, 1, args.length);
    return switch (args[0]) {
      case "--help", "-h", "help" -> Help.show(rest, console);
      case "--version", "-V" -> Help.version(console);
      default -> perform(args[0], rest, console);
    };
  }

  private static ExitCode perform(String word, String[] args, Console console) throws IOException {
    Verb verb = verb(word);
    Command command = verb.command();
    Syntax syntax = new Syntax(verb);
    command.describe(syntax);
    Arguments arguments = syntax.parse(args);
    if (arguments.has("--help")) {
      console.print(syntax.help());
      return ExitCode.OK;
    }
    return command.run(arguments, console);
  }

  /// The verb of a word.
  static Verb verb(String word) {
    return Verb.of(word)
        .orElseThrow(() ->
            new UsageException(
                "there is no verb '"
                    + word
                    + "'"
                    + Nearest.suggestion(word, Verb.words())
                    + (Nearest.to(word, Verb.words()).isEmpty()
                        ? "; 'platter --help' lists them"
                        : "")));
  }
}
