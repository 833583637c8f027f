/// The list of formats; each has a package of its own below this one.
package dev.platter.format;
