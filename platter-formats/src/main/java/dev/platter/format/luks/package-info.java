/// LUKS containers, versions 1 and 2; see `FORMAT.md`.
package dev.platter.format.luks;
