package dev.platter.struct;

/// The fields of an on-disk structure, one after the other. A structure names its fields once, in a
/// function that takes the value to write and returns the value read; what happens to them is up to
/// the implementation: they are decoded, encoded, or shown.
///
/// Every method returns the field's value: the one found when decoding, the one given otherwise.
public interface Fields {

  /// A byte without sign.
  int u8(String name, int value);

  /// Two bytes without sign.
  int u16(String name, int value);

  /// Four bytes without sign.
  long u32(String name, long value);

  /// Eight bytes; what is above 2^63 - 1 is negative.
  long u64(String name, long value);

  /// Bytes that have no inner order here.
  Bytes bytes(String name, int length, Bytes value);

  /// Bytes that are not used; written as they were found.
  default Bytes reserved(int length, Bytes value) {
    return bytes("reserved", length, value);
  }
}
