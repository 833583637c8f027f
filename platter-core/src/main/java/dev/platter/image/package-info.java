/// What a format implements: where guest bytes are in an image, where new ones go, and how a whole
/// new image is laid out. Nothing here moves a guest byte.
package dev.platter.image;
