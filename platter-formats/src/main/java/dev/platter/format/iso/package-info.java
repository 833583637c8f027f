/// Images of optical discs; see `FORMAT.md`.
package dev.platter.format.iso;
