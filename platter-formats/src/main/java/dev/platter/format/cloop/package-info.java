/// Compressed loop images; see `FORMAT.md`.
package dev.platter.format.cloop;
