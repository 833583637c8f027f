package dev.platter.io;

/// What a finished file owes a crash of the machine.
public enum Durability {
  /// All of it is on the medium when it is said to be finished.
  DURABLE,
  /// The system writes it out when it likes: a crash of the machine in the next minute may leave
  /// the file's name with not all of its bytes.
  UNSAFE
}
