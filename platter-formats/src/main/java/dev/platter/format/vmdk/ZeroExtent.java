package dev.platter.format.vmdk;

import dev.platter.image.Mapping;

/// An extent of zeros that has no file.
record ZeroExtent() implements VmdkExtent {
  @Override
  public Mapping map(long offset, long length) {
    return new Mapping.Zero(length);
  }

  @Override
  public String whyReadOnly() {
    return "has an extent of zeros there, which cannot be written";
  }
}
