/// QEMU's first copy-on-write images, version 1; see `FORMAT.md`.
package dev.platter.format.qcow;
