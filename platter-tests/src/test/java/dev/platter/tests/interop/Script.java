package dev.platter.tests.interop;

import dev.platter.testkit.Peer;
import dev.platter.testkit.Seed;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Requests of a guest in the language of `qemu-io`, which `platter io` speaks too.
///
/// @param requests a request a line
record Script(List<String> requests) {

  /// Random changes after which every byte of the disk has a known value.
  static Script random(long seed, long size, int count) {
    RandomGenerator dice = Seed.dice(seed);
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long start = dice.nextLong(size / 512) * 512;
      long most = Math.min(size - start, 1L << dice.nextInt(9, 20));
      long length = Math.max(1, most / 512) * 512;
      if (dice.nextInt(4) == 0 && most > 1024) {
        start++;
        length -= 512 - dice.nextInt(510);
      }
      String where = " " + start + " " + length;
      int pattern = dice.nextInt(1, 256);
      requests.add(
          switch (dice.nextInt(10)) {
            case 0 -> "write -z" + where;
            case 1 -> "write -z -u" + where;
            case 2 -> "write -P 0" + where;
            case 3 -> "aio_write -P " + pattern + where;
            case 4 -> "write -f -P " + pattern + where;
            case 5 -> "flush";
            default -> "write -P " + pattern + where;
          });
    }
    return new Script(requests);
  }

  private List<Object> words() {
    List<Object> words = new ArrayList<>();
    for (String request : requests) {
      words.add("-c");
      words.add(request);
    }
    // what was begun with aio_write is done when this returns
    words.add("-c");
    words.add("aio_flush");
    return words;
  }

  /// Has Platter do it.
  void run(String format, Path image) {
    List<Object> words = new ArrayList<>(List.of("io", "-f", format));
    words.addAll(words());
    words.add(image);
    Cli.succeed(words.toArray());
  }

  /// Has `qemu-io` do it.
  void runByStranger(String format, Path image) throws IOException {
    List<Object> words = new ArrayList<>(List.of("-f", format));
    words.addAll(words());
    words.add(image);
    Peer.named("qemu-io").succeed(words.toArray());
  }
}
