/// Growing images of Bochs; see `FORMAT.md`.
package dev.platter.format.bochs;
