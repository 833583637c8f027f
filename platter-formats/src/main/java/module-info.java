/// The formats that Platter knows.
module dev.platter.formats {
  requires dev.platter.core;

  exports dev.platter.format to
      dev.platter.cli;

  provides dev.platter.image.ImageFormat with
      dev.platter.format.raw.RawFormat;
}
