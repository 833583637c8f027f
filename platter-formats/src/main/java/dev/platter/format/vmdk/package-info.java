/// VMware's disk images: a descriptor in words, and extents that hold the disk.
package dev.platter.format.vmdk;
