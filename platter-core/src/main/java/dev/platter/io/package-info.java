/// Storage: the bytes below an image, and what a system can do fast with them.
package dev.platter.io;
