package dev.platter.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The words of the script language: those of `qemu-io`.
enum IoVerb {
  AIO_FLUSH("aio_flush", "", 0, 0, "", "completes all outstanding aio requests"),
  AIO_READ(
      "aio_read",
      "Cqvi P",
      2,
      Integer.MAX_VALUE,
      "[-Ciqv] [-P pattern] off len [len..]",
      "asynchronously reads a number of bytes"),
  AIO_WRITE(
      "aio_write",
      "Cfqiuz P",
      2,
      Integer.MAX_VALUE,
      "[-Cfiquz] [-P pattern] off len [len..]",
      "asynchronously writes a number of bytes"),
  ALLOC("alloc", "", 1, 2, "offset [count]", "checks if offset is allocated in the file"),
  CLOSE("close c", "", 0, 0, "", "close the current open file"),
  DISCARD(
      "discard d", "Cq", 2, 2, "[-Cq] off len", "discards a number of bytes at a specified offset"),
  FLUSH("flush f", "", 0, 0, "", "flush all in-core file state to disk"),
  HELP("help ?", "", 0, 1, "[command]", "help for one or all commands"),
  INFO("info i", "", 0, 0, "", "prints information about the current file"),
  LENGTH("length l", "", 0, 0, "", "gets the length of the current file"),
  MAP("map", "", 0, 0, "", "prints the allocated areas of a file"),
  OPEN(
      "open o",
      "rsnkCU tdof",
      0,
      1,
      "[-rnU] [-t cache] [-d discard] [-o options] [path]",
      "open the file specified by path"),
  QUIT("quit q", "", 0, 0, "", "exit the program"),
  READ(
      "read r",
      "Cqvp Psl",
      2,
      2,
      "[-Cqv] [-P pattern [-s off] [-l len]] off len",
      "reads a number of bytes at a specified offset"),
  READV(
      "readv",
      "Cqv P",
      2,
      Integer.MAX_VALUE,
      "[-Cqv] [-P pattern] off len [len..]",
      "reads a number of bytes at a specified offset"),
  REOPEN("reopen", "rw co", 0, 0, "[(-r|-w)] [-c cache]", "reopens an image with new options"),
  SLEEP("sleep", "", 1, 1, "", "waits for the given value in milliseconds"),
  TRUNCATE("truncate t", "", 1, 1, "off", "truncates the current file at the given offset"),
  WRITE(
      "write w",
      "cCfnpquz Ps",
      2,
      2,
      "[-cCfnquz] [-P pattern | -s source_file] off len",
      "writes a number of bytes at a specified offset"),
  WRITEV(
      "writev",
      "Cfq P",
      2,
      Integer.MAX_VALUE,
      "[-Cfq] [-P pattern] off len [len..]",
      "writes a number of bytes at a specified offset");

  private final String words;
  private final String flags;
  private final String valued;
  private final int least;
  private final int most;
  private final String parameters;
  private final String summary;

  IoVerb(String words, String letters, int least, int most, String parameters, String summary) {
    this.words = words;
    int space = letters.indexOf(' ');
    this.flags = space < 0 ? letters : letters.substring(0, space);
    this.valued = space < 0 ? "" : letters.substring(space + 1);
    this.least = least;
    this.most = most;
    this.parameters = parameters;
    this.summary = summary;
  }

  /// The verb of a word.
  static Optional<IoVerb> of(String word) {
    for (IoVerb verb : values()) {
      if (verb.word().equals(word) || verb.alias().equals(word)) {
        return Optional.of(verb);
      }
    }
    return Optional.empty();
  }

  /// All full words.
  static List<String> allWords() {
    List<String> all = new ArrayList<>();
    for (IoVerb verb : values()) {
      all.add(verb.word());
    }
    return all;
  }

  /// The full word.
  String word() {
    int space = words.indexOf(' ');
    return space < 0 ? words : words.substring(0, space);
  }

  private String alias() {
    return words.substring(words.indexOf(' ') + 1);
  }

  /// Whether a letter is an option without a value.
  boolean hasFlag(char letter) {
    return flags.indexOf(letter) >= 0;
  }

  /// Whether a letter is an option with a value.
  boolean hasValue(char letter) {
    return valued.indexOf(letter) >= 0;
  }

  /// What is wrong with a number of arguments, options included; empty if nothing.
  Optional<String> wrongCount(int count) {
    if (count >= least && count <= most) {
      return Optional.empty();
    }
    if (hasOptions() && count > most) {
      return Optional.of(usage());
    }
    String expected =
        hasOptions() || most == Integer.MAX_VALUE
            ? "at least " + least + " arguments"
            : least == most
                ? least + " arguments"
                : "between " + least + " and " + most + " arguments";
    return Optional.of("bad argument count " + count + " to " + word() + ", expected " + expected);
  }

  /// Whether it takes options.
  boolean hasOptions() {
    return !flags.isEmpty();
  }

  /// A line of help.
  String usage() {
    return word() + " " + (parameters.isEmpty() ? "" : parameters + " ") + "-- " + summary;
  }
}
