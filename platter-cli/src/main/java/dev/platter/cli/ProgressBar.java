package dev.platter.cli;

import dev.platter.operation.Progress;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/// Shows how far a long operation is, and stops it when the user wants that.
final class ProgressBar implements Progress {
  private static final long JSON_NANOS = 250_000_000;
  private final Console console;
  private final Form form;
  private long shown = -1;
  private long shownAt = System.nanoTime() - JSON_NANOS;

  /// How it is shown.
  private enum Form {
    NONE,
    BAR,
    BAR_ON_ERROR,
    JSON
  }

  private ProgressBar(Console console, Form form) {
    this.console = console;
    this.form = form;
  }

  /// The options for it.
  static void describe(Syntax syntax) {
    syntax
        .flag("Show how far it is.", "-p")
        .value("json", "Show how far it is as lines of JSON on standard error.", "--progress");
  }

  /// As the options say.
  ///
  /// @param outputTaken whether standard output is for the data
  static ProgressBar of(Arguments arguments, Console console, boolean outputTaken) {
    if (arguments.has("--progress")) {
      String wanted = arguments.text("--progress").orElse("");
      if (!wanted.equals("json")) {
        throw new UsageException("--progress=" + wanted + ": expected 'json'");
      }
      return new ProgressBar(console, Form.JSON);
    }
    if (!arguments.has("-p") || arguments.has("-q")) {
      return new ProgressBar(console, Form.NONE);
    }
    return new ProgressBar(console, outputTaken ? Form.BAR_ON_ERROR : Form.BAR);
  }

  @Override
  public boolean cancelled() {
    return console.interruption().requested();
  }

  @Override
  public synchronized void report(long done, long total) {
    if (form == Form.NONE) {
      return;
    }
    long now = System.nanoTime();
    if (form == Form.JSON) {
      if (now - shownAt >= JSON_NANOS || done >= total) {
        shownAt = now;
        json(done, total);
      }
      return;
    }
    long hundredths = total <= 0 ? 10_000 : (long) (10_000.0 * done / total);
    if (hundredths - shown >= 100 || (hundredths == 10_000 && shown != hundredths)) {
      shown = hundredths;
      bar(hundredths, "\r");
    }
  }

  private void json(long done, long total) {
    console.error("{\"done\": " + done + ", \"total\": " + total + "}\n");
  }

  private void bar(long hundredths, String end) {
    String fraction = Long.toString(100 + hundredths % 100).substring(1);
    String words = "    (" + hundredths / 100 + "." + fraction + "/100%)" + end;
    if (form == Form.BAR_ON_ERROR) {
      console.error(words);
      return;
    }
    try {
      console.print(words).flush();
    } catch (IOException _) {
      // the run goes on when nobody looks any more, as that of qemu-img
    }
  }

  /// The operation has ended well.
  void done() {
    if (form == Form.BAR || form == Form.BAR_ON_ERROR) {
      bar(10_000, "\n");
    }
  }

  /// The same for an operation that may not be faster than so many bytes a second.
  Progress limited(long bytesASecond) {
    long start = System.nanoTime();
    return new Progress() {
      @Override
      public void report(long done, long total) {
        ProgressBar.this.report(done, total);
        double due = done * 1e9 / bytesASecond;
        for (long early = (long) due - (System.nanoTime() - start);
            early > 0 && !cancelled();
            early = (long) due - (System.nanoTime() - start)) {
          LockSupport.parkNanos(Math.min(early, 100_000_000L));
        }
      }

      @Override
      public boolean cancelled() {
        return ProgressBar.this.cancelled();
      }
    };
  }
}
