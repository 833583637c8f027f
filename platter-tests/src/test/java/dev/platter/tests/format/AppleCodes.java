package dev.platter.tests.format;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Encodes a little in the ways of Apple, so that decoders can be tested.
final class AppleCodes {
  private static final int SIZE = 8 * 512;

  private AppleCodes() {}

  /// What is stored, and what it stands for.
  record Coded(byte[] stored, byte[] plain) {}

  static Coded of(String coding) {
    return switch (coding) {
      case "adc" -> adc();
      case "lzvn" -> lzvn();
      case "lzfse" -> lzfse();
      default -> plain();
    };
  }

  /// Bytes and repetitions, as they are decoded.
  private static final class Plain {
    private final ByteBuffer bytes = ByteBuffer.allocate(SIZE);

    void literals(byte[] from) {
      bytes.put(from);
    }

    void repeat(int distance, int length) {
      for (int i = 0; i < length; i++) {
        bytes.put(bytes.get(bytes.position() - distance));
      }
    }

    int left() {
      return bytes.remaining();
    }
  }

  private static byte[] ascending(int from, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (from + i * i);
    }
    return bytes;
  }

  private static Coded adc() {
    var out = new ByteArrayOutputStream();
    var plain = new Plain();
    int turn = 0;
    while (plain.left() > 300) {
      byte[] literals = ascending(turn++, 1 + turn % 128);
      out.write(0x80 | (literals.length - 1));
      out.writeBytes(literals);
      plain.literals(literals);
      int near = 1 + turn % Math.min(literals.length, 1024);
      out.write((turn % 16) << 2 | (near - 1) >> 8);
      out.write(near - 1);
      plain.repeat(near, turn % 16 + 3);
      int far = plain.bytes.position() - turn % 3;
      out.write(0x40 | turn % 64);
      out.write((far - 1) >> 8);
      out.write(far - 1);
      plain.repeat(far, turn % 64 + 4);
    }
    while (plain.left() > 0) {
      byte[] literals = ascending(7, Math.min(plain.left(), 128));
      out.write(0x80 | (literals.length - 1));
      out.writeBytes(literals);
      plain.literals(literals);
    }
    return new Coded(out.toByteArray(), plain.bytes.array());
  }

  private static Coded plain() {
    byte[] bytes = ascending(3, SIZE);
    ByteBuffer out = little(SIZE + 12);
    out.put(ascii("bvx-")).putInt(SIZE).put(bytes).put(ascii("bvx$"));
    return new Coded(out.array(), bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Every kind of step.
  private static Coded lzvn() {
    var steps = new ByteArrayOutputStream();
    var plain = new Plain();
    byte[] first = ascending(1, 200);
    steps.write(0xe0);
    steps.write(first.length - 16);
    steps.writeBytes(first);
    plain.literals(first);
    for (int turn = 1; plain.left() > 400; turn++) {
      byte[] three = ascending(turn, 3);
      steps.write(0xc0 | 1 << 3); // small distance
      steps.write(100);
      steps.writeBytes(three);
      plain.literals(three);
      plain.repeat(100, 4);
      steps.write(0x40 | 1 << 3 | 6); // the same distance
      steps.write(turn);
      plain.literals(new byte[] {(byte) turn});
      plain.repeat(100, 4);
      steps.write(0x80 | 3 << 3 | 7); // large distance
      steps.write(190);
      steps.write(0);
      steps.writeBytes(ascending(turn, 2));
      plain.literals(ascending(turn, 2));
      plain.repeat(190, 6);
      steps.write(0xa0 | 1 << 3 | 17 >> 2); // medium distance
      steps.write((150 << 2 | 17 & 3) & 0xff);
      steps.write(150 >> 6);
      steps.write(9);
      plain.literals(new byte[] {9});
      plain.repeat(150, 20);
      steps.write(0xf4); // more of it
      plain.repeat(150, 4);
      steps.write(0xf0);
      steps.write(turn % 100);
      plain.repeat(150, 16 + turn % 100);
      steps.write(0x0e); // nothing
      steps.write(0xe2);
      steps.writeBytes(ascending(turn, 2));
      plain.literals(ascending(turn, 2));
    }
    while (plain.left() > 0) {
      byte[] rest = ascending(5, Math.min(plain.left(), 15));
      steps.write(0xe0 | rest.length);
      steps.writeBytes(rest);
      plain.literals(rest);
    }
    steps.writeBytes(new byte[] {6, 0, 0, 0, 0, 0, 0, 0});
    ByteBuffer out = little(16 + steps.size());
    out.put(ascii("bvxn")).putInt(SIZE).putInt(steps.size()).put(steps.toByteArray());
    return new Coded(out.put(ascii("bvx$")).array(), plain.bytes.array());
  }

  /// Bits in the order in which they are decoded, which is from the end of a stream.
  private static final class Bits {
    private BigInteger all = BigInteger.ZERO;
    private int count;

    void add(long value, int bits) {
      all = all.shiftLeft(bits).or(BigInteger.valueOf(value));
      count += bits;
    }

    byte[] bytes() {
      byte[] bytes = new byte[(count + 7) / 8];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = all.shiftRight(8 * i).byteValue();
      }
      return bytes;
    }

    /// What a header says of the bits that are not used.
    long field() {
      return 7 - (8L * bytes().length - count);
    }
  }

  /// The states of symbols that have the frequency 4 each, before one whose state is known.
  private static int stateBefore(int index, int next, int nextBits) {
    return 4 * index + (next >> nextBits);
  }

  /// A block whose symbols are all as frequent as each other.
  private static Coded lzfse() {
    List<int[]> triplets = new ArrayList<>();
    var plain = new Plain();
    var literals = new ByteArrayOutputStream();
    for (int turn = 0; plain.left() > 0; turn++) {
      boolean last = plain.left() <= 319;
      int literal = last ? plain.left() - 4 : 4 + turn * 5 % 100;
      byte[] bytes = ascending(turn, literal);
      literals.writeBytes(bytes);
      plain.literals(bytes);
      int repeated = last ? 4 : Math.min(4 + turn * 37 % 300, plain.left() - 8);
      boolean same = turn % 5 == 4;
      int distance = same ? triplets.getLast()[2] : 1 + turn * 71 % (plain.bytes.position() - 1);
      plain.repeat(distance, repeated);
      triplets.add(new int[] {literal, repeated, distance, same ? 0 : distance});
    }
    while (literals.size() % 4 != 0) {
      literals.write(0);
    }
    return new Coded(block(literals.toByteArray(), triplets), plain.bytes.array());
  }

  private static byte[] block(byte[] literals, List<int[]> triplets) {
    int[] literalStates = new int[4];
    var literalBits = new Bits();
    int[][] next = new int[literals.length][];
    for (int at = literals.length - 1; at >= 0; at--) {
      int stream = at % 4;
      int state = stateBefore(literals[at] & 0xff, literalStates[stream], 8);
      next[at] = new int[] {literalStates[stream] & 0xff};
      literalStates[stream] = state;
    }
    for (int[] bits : next) {
      literalBits.add(bits[0], 8);
    }
    return finish(literals.length, literalStates, literalBits, triplets);
  }

  /// Counts have sixteen symbols of frequency 4, from 4 on: those with more bits are among them.
  private static byte[] finish(
      int literalCount, int[] literalStates, Bits literalBits, List<int[]> triplets) {
    int[] states = new int[3];
    int[] widths = {4, 4, 6};
    List<long[]> reversed = new ArrayList<>();
    for (int[] triplet : triplets.reversed()) {
      long[][] symbols = {
        symbol(triplet[0], 2, 3, 5, 8), symbol(triplet[1], 3, 5, 8, 11), distance(triplet[3])
      };
      for (int kind = 2; kind >= 0; kind--) {
        int index = (int) symbols[kind][0] - (kind < 2 ? 4 : 0);
        int bits = states[kind] & (1 << widths[kind]) - 1;
        states[kind] = stateBefore(index, states[kind], widths[kind]);
        reversed.add(new long[] {bits, widths[kind], symbols[kind][1], symbols[kind][2]});
      }
    }
    var bits = new Bits();
    for (long[] step : reversed.reversed()) {
      bits.add(step[0], (int) step[1]);
      bits.add(step[2], (int) step[3]);
    }
    var frequencies = new StringBuilder();
    for (int symbol = 0; symbol < 20 + 20 + 64 + 256; symbol++) {
      boolean none = symbol < 40 && symbol % 20 < 4;
      // lowest bits first: 00, and 11000 for four
      frequencies.append(none ? "00" : "11000");
    }
    byte[] packed = new byte[(frequencies.length() + 7) / 8];
    for (int i = 0; i < frequencies.length(); i++) {
      packed[i / 8] |= (byte) (frequencies.charAt(i) - '0' << i % 8);
    }
    byte[] literal = literalBits.bytes();
    byte[] lmd = bits.bytes();
    ByteBuffer out = little(32 + packed.length + literal.length + lmd.length + 4);
    out.put(ascii("bvx2")).putInt(SIZE);
    out.putLong(
        literalCount
            | (long) literal.length << 20
            | (long) triplets.size() << 40
            | literalBits.field() << 60);
    long second = (long) lmd.length << 40 | bits.field() << 60;
    for (int stream = 0; stream < 4; stream++) {
      second |= (long) literalStates[stream] << 10 * stream;
    }
    out.putLong(second);
    out.putLong(
        32 + packed.length
            | (long) states[0] << 32
            | (long) states[1] << 42
            | (long) states[2] << 52);
    return out.put(packed).put(literal).put(lmd).put(ascii("bvx$")).array();
  }

  /// A symbol of a count, the bits to add, and how many these are.
  private static long[] symbol(int count, int... more) {
    if (count < 16) {
      return new long[] {count, 0, 0};
    }
    int base = 16;
    for (int i = 0; i < more.length; i++) {
      if (count < base + (1 << more[i])) {
        return new long[] {16 + i, count - base, more[i]};
      }
      base += 1 << more[i];
    }
    throw new IllegalArgumentException("count " + count);
  }

  private static long[] distance(int distance) {
    for (int symbol = 63; ; symbol--) {
      int more = symbol / 4;
      int base = (4 << more) - 4 + (symbol % 4 << more);
      if (distance >= base) {
        return new long[] {symbol, distance - base, more};
      }
    }
  }
}
