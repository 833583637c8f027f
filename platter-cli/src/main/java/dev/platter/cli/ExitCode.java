package dev.platter.cli;

/// The codes that the command ends with. Where `qemu-img` has a code for a case, it is the same; it
/// has 1 for every failure, where scripts can tell several apart here.
public enum ExitCode {
  /// Done; for `compare`: the same content; for `check`: nothing wrong.
  OK(0, "done"),
  /// Any failure that has no code of its own; for `compare`: the content differs; for `check`: the
  /// check was not completed.
  FAILED(1, "failed: an I/O error, a missing file, no permission, no room"),
  /// `compare`: a failure that has no code of its own. `check`: the image is corrupt.
  ERROR(2, "compare: failed; check: the image is corrupt"),
  /// `check`: the image has leaks, but is not corrupt.
  LEAKS(3, "check: the image has leaked room and is not corrupt"),
  /// The image breaks its format's rules.
  MALFORMED(10, "the image is damaged or is not what it was said to be"),
  /// The image, or the request, needs what Platter cannot do.
  UNSUPPORTED(11, "the image needs something that Platter cannot do"),
  /// A parent is missing or is not the right one.
  WRONG_PARENT(12, "a parent is missing or is not the one that the image was made from"),
  /// Opening would take more than the limits allow.
  OVER_LIMIT(13, "opening the image would take more than the limits allow"),
  /// An image names a file that may not be opened.
  OUT_OF_REACH(14, "the image names a file outside its folder; see --allow"),
  /// Another program or another image of this run uses the file.
  LOCKED(15, "the file is in use; see -U"),
  /// Two formats claim the file.
  AMBIGUOUS(16, "the format cannot be told for certain; see -f"),
  /// An image is encrypted, and its key was not given or is wrong.
  WRONG_KEY(17, "the image is encrypted and its key was not given or is wrong; see --key-file"),
  /// `check`: images of the format cannot be checked.
  NO_CHECK(63, "check: images of this format cannot be checked"),
  /// The command line makes no sense.
  USAGE(64, "the command line is wrong"),
  /// A mistake of the program.
  INTERNAL(70, "an error in Platter itself"),
  /// Stopped by the user.
  INTERRUPTED(130, "interrupted; no half-made file has the target's name");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /// The number that the process ends with.
  public int number() {
    return number;
  }

  /// What it means, for the help.
  public String meaning() {
    return meaning;
  }
}
