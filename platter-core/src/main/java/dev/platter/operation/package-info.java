/// What is done to whole disks, for all formats alike: convert, compare, map, measure, check.
package dev.platter.operation;
