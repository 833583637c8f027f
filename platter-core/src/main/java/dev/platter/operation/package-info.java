/// What is done to whole disks, for all formats alike: convert, create, compare, map, measure,
/// check.
package dev.platter.operation;
