/// Tests that every format and every storage owes, and hostile storages, models and oracles to
/// write more of them with.
package dev.platter.testkit;
