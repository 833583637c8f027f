package dev.platter.cli;

import java.io.IOException;

/// One verb of the command.
interface Command {

  /// Says what the verb takes.
  void describe(Syntax syntax);

  /// Does it.
  ///
  /// @return the code to end with
  /// @throws UsageException if what was asked makes no sense
  ExitCode run(Arguments arguments, Console console) throws IOException;
}
