/// picocli, unchanged, compiled for our Java release.
module dev.platter.picocli {
  exports picocli;
}
