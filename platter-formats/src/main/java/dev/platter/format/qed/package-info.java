/// QED, QEMU's enhanced disk format. The file FORMAT.md beside this one describes it.
package dev.platter.format.qed;
