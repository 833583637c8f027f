/// Microsoft's VHD; see `FORMAT.md`.
package dev.platter.format.vhd;
