/// Apple's sparse images in one file, `.sparseimage`.
package dev.platter.format.sparseimage;
