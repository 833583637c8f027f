package dev.platter.cli;

import dev.platter.Disk;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.operation.Check;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `check`: looks for damage and leaks, and repairs them.
final class CheckCommand implements Command {

  @Override
  public void describe(Syntax syntax) {
    Images.describeFormat(syntax);
    syntax
        .value("WHAT", "Repair: 'leaks' or 'all'.", "-r", "--repair")
        .value("FORM", "human (the default) or json.", "--output")
        .flag("Print nothing but errors.", "-q", "--quiet")
        .value("MODE", "Taken and ignored.", "-T", "--cache")
        .files("FILE", 1, 1, "The image.");
    ProgressBar.describe(syntax);
    Images.describe(syntax);
    syntax.notes(
        "Codes: 0 nothing is wrong (any more), 1 the check was not completed, 2 the image is",
        "corrupt, 3 it has leaks only, 63 images of this format cannot be checked. What was found",
        "is told on standard error, one line each.");
  }

  @Override
  public ExitCode run(Arguments arguments, Console console) throws IOException {
    Images images = new Images(arguments);
    Optional<Scope> repair = arguments.text("-r").map(CheckCommand::scope);
    if (repair.isPresent()) {
      console.interruption().protect();
    }
    boolean json = arguments.json();
    ImageName name = images.name(arguments.file());
    var options =
        images
            .options(name.format().or(() -> arguments.text("-f")))
            .purpose(Purpose.CHECK)
            .access(repair.isPresent() ? Access.WRITE : Access.READ)
            .withoutParents();
    try (Disk disk = images.open(name, options)) {
      Image image = disk.top();
      if (!(image instanceof Claiming claiming)) {
        return cannot("This image format does not support checks", arguments, console);
      }
      if (repair.isPresent() && !(image instanceof Repairable)) {
        return cannot("This image format does not support repairs", arguments, console);
      }
      ProgressBar progress = ProgressBar.of(arguments, console, json);
      Check.Repaired done =
          image instanceof Repairable repairable && repair.isPresent()
              ? Check.repair(repairable, repair.get(), progress)
              : unrepaired(Check.check(claiming, progress));
      progress.done();
      if (json) {
        console.print(CheckReport.json(name.path().toString(), disk, done));
      } else if (!arguments.has("-q")) {
        tell(done, repair.isPresent(), console);
      }
      return code(done.after());
    }
  }

  private static Scope scope(String word) {
    return switch (word) {
      case "leaks" -> Scope.LEAKS;
      case "all" -> Scope.ALL;
      default -> throw new UsageException("-r " + word + ": expected 'leaks' or 'all'");
    };
  }

  private static ExitCode cannot(String sentence, Arguments arguments, Console console) {
    if (!arguments.has("-q")) {
      console.complain(sentence);
    }
    return ExitCode.NO_CHECK;
  }

  private static Check.Repaired unrepaired(Check.Result result) {
    return new Check.Repaired(result, List.of(), result);
  }

  private static ExitCode code(Check.Result result) {
    if (result.errors() > 0) {
      return ExitCode.FAILED;
    }
    if (result.corruptions() > 0) {
      return ExitCode.ERROR;
    }
    return result.leaks() > 0 ? ExitCode.LEAKS : ExitCode.OK;
  }

  private static void tell(Check.Repaired done, boolean repaired, Console console)
      throws IOException {
    if (repaired && !done.repairs().isEmpty()) {
      done.before().findings().forEach(finding -> tell(finding, console));
      for (Repair repair : done.repairs()) {
        String what = repair.finding().what() + ": " + repair.action();
        console.error("Repaired: " + Printable.escape(what) + "\n");
      }
      console.print(CheckReport.repairs(done));
    }
    done.after().findings().forEach(finding -> tell(finding, console));
    console.print(CheckReport.text(done.after()));
  }

  private static void tell(Finding finding, Console console) {
    String words =
        switch (finding.severity()) {
          case LEAK -> "Leaked: ";
          case CORRUPTION -> "ERROR ";
          case ERROR -> "Check failed: ";
        };
    String guest = finding.guest().isEmpty() ? "" : " (" + finding.guest() + ")";
    console.error(words + Printable.escape(finding.what() + guest) + "\n");
  }
}
