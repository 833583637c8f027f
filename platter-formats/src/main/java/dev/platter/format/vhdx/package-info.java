/// Microsoft's VHDX images; see `FORMAT.md`.
package dev.platter.format.vhdx;
