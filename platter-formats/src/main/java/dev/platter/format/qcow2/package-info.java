/// QEMU's copy-on-write images, version 2 and 3; see `FORMAT.md`.
package dev.platter.format.qcow2;
