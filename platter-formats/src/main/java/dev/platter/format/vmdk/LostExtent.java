package dev.platter.format.vmdk;

import dev.platter.image.Mapping;
import java.io.IOException;

/// An extent whose file cannot be opened, in an image that is only described.
///
/// @param why what opening it said
record LostExtent(IOException why) implements VmdkExtent {
  @Override
  public Mapping map(long offset, long length) throws IOException {
    throw new IOException(why.getMessage(), why);
  }

  @Override
  public String whyReadOnly() {
    return "has an extent that cannot be opened";
  }
}
