/// Parallels disk images and the folders they come in; see `FORMAT.md`.
package dev.platter.format.parallels;
