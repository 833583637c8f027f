/// CUE sheets and the files of sectors that they describe; see `FORMAT.md`.
package dev.platter.format.cue;
