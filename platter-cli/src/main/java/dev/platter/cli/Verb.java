package dev.platter.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the command can do. The class of a verb is loaded when it is named.
enum Verb {
  INFO("info", "show what images are: format, sizes, parent, snapshots"),
  CONVERT("convert", "copy images into a new image of any format"),
  CREATE("create", "make a new image, empty or the child of another"),
  COMPARE("compare", "compare the content of two images"),
  DIFF("diff", "show what differs between two images, or make it a child of the first"),
  HASH("hash", "print the digest of what an image holds"),
  CHAIN("chain", "show the ancestors of images, and what is wrong with them"),
  COMMIT("commit", "write what an image has into its parent, or one below"),
  MERGE("merge", "make one image of several that follow each other in a chain"),
  REBASE("rebase", "give an image another parent, or none"),
  FLATTEN("flatten", "make a child an image of its own"),
  REMOVE("remove", "take an image out of the middle of a chain"),
  SNAPSHOT("snapshot", "list, make, apply and delete the snapshots inside an image"),
  RESIZE("resize", "make the disk of an image larger or smaller"),
  MAP("map", "show what is allocated, and where"),
  CHECK("check", "look for damage and leaks, and repair"),
  MEASURE("measure", "tell how large a new image would be"),
  DD("dd", "copy a range of an image, with arguments as those of dd"),
  IO("io", "run a script of reads, writes, discards and flushes on an image"),
  DUMP("dump", "show every structure of an image"),
  KEY("key", "list, add, change and remove the keys of an encrypted image"),
  SET("set", "change what an image says about itself: UUIDs, comment, geometry, parent"),
  FORMATS("formats", "list the formats and what each can do");

  private final String word;
  private final String summary;

  Verb(String word, String summary) {
    this.word = word;
    this.summary = summary;
  }

  /// The word on the command line.
  String word() {
    return word;
  }

  /// What it does, a clause.
  String summary() {
    return summary;
  }

  /// A new command that does it.
  Command command() {
    return switch (this) {
      case INFO -> new InfoCommand();
      case CONVERT -> new ConvertCommand();
      case CREATE -> new CreateCommand();
      case COMPARE -> new CompareCommand();
      case DIFF -> new DiffCommand();
      case HASH -> new HashCommand();
      case CHAIN -> new ChainCommand();
      case COMMIT -> new CommitCommand();
      case MERGE -> new MergeCommand();
      case REBASE -> new RebaseCommand();
      case FLATTEN -> new FlattenCommand();
      case REMOVE -> new RemoveCommand();
      case SNAPSHOT -> new SnapshotCommand();
      case RESIZE -> new ResizeCommand();
      case MAP -> new MapCommand();
      case CHECK -> new CheckCommand();
      case MEASURE -> new MeasureCommand();
      case DD -> new DdCommand();
      case IO -> new IoCommand();
      case DUMP -> new DumpCommand();
      case KEY -> new KeyCommand();
      case SET -> new SetCommand();
      case FORMATS -> new FormatsCommand();
    };
  }

  /// The verb of a word.
  static Optional<Verb> of(String word) {
    for (Verb verb : values()) {
      if (verb.word.equals(word)) {
        return Optional.of(verb);
      }
    }
    return Optional.empty();
  }

  /// All words.
  static List<String> words() {
    List<String> words = new ArrayList<>();
    for (Verb verb : values()) {
      words.add(verb.word);
    }
    return words;
  }
}
