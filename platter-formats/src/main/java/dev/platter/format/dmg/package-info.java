/// Apple's disk images: UDIF, the usual `.dmg`.
package dev.platter.format.dmg;
