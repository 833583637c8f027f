/// Disks: chains of images as a guest sees them.
package dev.platter;
