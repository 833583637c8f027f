/// What every format and every storage must do, as tests to inherit, and the storages and runners
/// that they need.
module dev.platter.testkit {
  requires transitive dev.platter.core;
  requires transitive org.junit.jupiter.api;
  requires jdk.management;

  exports dev.platter.testkit;
}
