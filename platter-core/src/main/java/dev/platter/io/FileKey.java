package dev.platter.io;

/// Which file it is, whatever its name. A disk device is known by its number alone, as several
/// nodes may stand for it.
///
/// @param device the device that the file is on, or the device itself
/// @param inode its number there, 0 for a device
record FileKey(long device, long inode) {

  // Both written out, as what the compiler makes of a record is put together on first use, at the
  // cost of some milliseconds of every run.

  @Override
  public boolean equals(Object other) {
    return other instanceof FileKey key && key.device == device && key.inode == inode;
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(device) + Long.hashCode(inode);
  }
}
