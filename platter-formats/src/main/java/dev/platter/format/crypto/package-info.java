/// Encryption as formats need it: sector ciphers, key derivation, the anti-forensic splitter, and
/// version 1 of LUKS headers, which containers and QCOW2 images have alike. Not a format.
package dev.platter.format.crypto;
