package dev.platter.io;

/// Which file it is, whatever its name. A disk device is known by its number alone, as several
/// nodes may stand for it.
///
/// @param device the device that the file is on, or the device itself
/// @param inode its number there, 0 for a device
record FileKey(long device, long inode) {}
