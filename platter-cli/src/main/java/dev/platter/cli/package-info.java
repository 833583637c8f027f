/// The command `platter`: one class a verb, and what they share. The way of a run is [Main] →
/// [Verb] → [Syntax] → [Command]; every failure ends in [Failure].
package dev.platter.cli;
