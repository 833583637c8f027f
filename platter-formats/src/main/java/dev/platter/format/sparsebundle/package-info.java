/// Apple's sparse images as a folder of bands, `.sparsebundle`.
package dev.platter.format.sparsebundle;
