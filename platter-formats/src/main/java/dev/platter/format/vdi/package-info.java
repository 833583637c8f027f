/// VirtualBox disk images; see `FORMAT.md`.
package dev.platter.format.vdi;
