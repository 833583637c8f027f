/// Raw disks; see `FORMAT.md`.
package dev.platter.format.raw;
