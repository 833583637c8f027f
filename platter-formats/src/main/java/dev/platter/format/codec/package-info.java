/// Compression, and decryption of old images, as formats need it: whole units, from memory to
/// memory, with native code where it is installed.
package dev.platter.format.codec;
