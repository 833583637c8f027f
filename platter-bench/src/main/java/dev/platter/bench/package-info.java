/// JMH benchmarks of the engine's parts.
package dev.platter.bench;
