package dev.platter.tests.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A class with a `main`, run in a process of its own.
///
/// @param main the class
/// @param options of the virtual machine
record JavaProgram(Class<?> main, List<String> options) {
  JavaProgram(Class<?> main) {
    this(main, List.of("--enable-native-access=ALL-UNNAMED"));
  }

  Process start(Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
