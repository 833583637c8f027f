package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.io.Access;
import dev.platter.operation.Compare;
import dev.platter.operation.Compare.Rule;
import dev.platter.operation.Difference;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `compare`: whether two images hold the same.
final class CompareCommand implements Command {
  private static final int SECTOR = 512;

  @Override
  public void describe(Syntax syntax) {
    syntax
        .value("FORMAT", "The format of FILE1.", "-f", "--a-format")
        .value("FORMAT", "The format of FILE2.", "-F", "--b-format")
        .flag("Sizes and allocation must be the same too.", "-s", "--strict")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .value("N", "How many threads read; one a core if not given.", "-m", "--parallel")
        .flag("Go on to the end and tell how much differs, in sectors of 512 bytes.", "--totals")
        .value("FORM", "human (the default) or json; json has the totals.", "--output")
        .value("MODE", "Taken and ignored.", "-T", "--cache")
        .files("FILE1 FILE2", 2, 2, "The images.");
    ProgressBar.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "Codes: 0 the content is the same, 1 it differs, more is an error. Where one disk is",
        "longer, the rest must be zeros.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    List<String> files = arguments.files();
    int threads = arguments.number("-m", 1, 256).orElse(Runtime.getRuntime().availableProcessors());
    try (Disk first = images.open(files.get(0), arguments.text("-f"), Access.READ);
        Disk second = images.open(files.get(1), arguments.text("-F"), Access.READ)) {
      ProgressBar progress = ProgressBar.of(arguments, console, false);
      Rule rule = arguments.has("-s") ? Rule.STRICT : Rule.CONTENT;
      Compare.Result result = new Compare(first, second, rule, threads, progress).run();
      Optional<Allocation> totals = Optional.empty();
      if (arguments.has("--totals") || arguments.json()) {
        totals = Optional.of(totals(result, first, second, threads, progress));
      }
      progress.done();
      if (arguments.has("-q")) {
        return code(result);
      }
      if (arguments.json()) {
        console.print(json(result, totals.orElseThrow(), first, second));
        return code(result);
      }
      if (reachesTheEnd(result, first, second)) {
        console.line("Warning: Image size mismatch!");
      }
      console.line(sentence(result));
      if (totals.isPresent()) {
        console.line(DiffCommand.totals(totals.get()));
      }
      return code(result);
    }
  }

  /// All sectors that differ; nothing is read again if it is known that none does.
  private static Allocation totals(
      Compare.Result result, Disk first, Disk second, int threads, ProgressBar progress)
      throws IOException {
    Disk longer = first.size() > second.size() ? first : second;
    if (result instanceof Compare.Result.Identical) {
      return Allocation.empty(longer.size());
    }
    Disk shorter = longer.equals(first) ? second : first;
    return new Difference(shorter, longer, SECTOR, threads, progress).run();
  }

  private static String json(Compare.Result result, Allocation totals, Disk first, Disk second) {
    Json json = new Json();
    json.object().member("identical", result instanceof Compare.Result.Identical);
    switch (result) {
      case Compare.Result.Identical _ -> {}
      case Compare.Result.ContentDiffers(long offset) ->
          json.member("reason", "content").member("offset", offset);
      case Compare.Result.AllocationDiffers(long offset) ->
          json.member("reason", "allocation").member("offset", offset);
      case Compare.Result.SizesDiffer _ -> json.member("reason", "size");
    }
    json.member("virtual-size-a", first.size()).member("virtual-size-b", second.size());
    json.member("differing-bytes", DiffCommand.bytes(totals));
    json.member("differing-runs", totals.count());
    return json.endObject() + "\n";
  }

  /// Whether sizes differ, and what one disk has more was looked at.
  private static boolean reachesTheEnd(Compare.Result result, Disk first, Disk second) {
    long both = Math.min(first.size(), second.size());
    return first.size() != second.size()
        && switch (result) {
          case Compare.Result.Identical() -> true;
          case Compare.Result.ContentDiffers(long offset) -> offset >= both;
          case Compare.Result.AllocationDiffers _, Compare.Result.SizesDiffer _ -> false;
        };
  }

  private static ExitCode code(Compare.Result result) {
    return result instanceof Compare.Result.Identical ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String sentence(Compare.Result result) {
    return switch (result) {
      case Compare.Result.Identical() -> "Images are identical.";
      case Compare.Result.ContentDiffers(long offset) ->
          "Content mismatch at offset " + offset + "!";
      case Compare.Result.AllocationDiffers(long offset) ->
          "Strict mode: Offset " + offset + " block status mismatch!";
      case Compare.Result.SizesDiffer(_, _) -> "Strict mode: Image size mismatch!";
    };
  }
}
