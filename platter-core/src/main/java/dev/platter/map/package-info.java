/// Allocation maps: from blocks of the disk to places in the storage, with bounded memory.
package dev.platter.map;
