/// Property lists in XML, as Apple's disk images have them.
package dev.platter.format.plist;
