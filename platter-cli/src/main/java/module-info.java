/// The command.
module dev.platter.cli {
  requires dev.platter.core;
  requires dev.platter.formats;
  requires dev.platter.picocli;

  exports dev.platter.cli;
}
