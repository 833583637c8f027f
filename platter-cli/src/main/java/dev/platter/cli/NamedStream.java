package dev.platter.cli;

import java.io.IOException;
import java.io.OutputStream;

/// A stream whose failures say which one it is.
final class NamedStream extends OutputStream {
  private final String name;
  private final OutputStream target;

  NamedStream(String name, OutputStream target) {
    this.name = name;
    this.target = target;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      throw named(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      target.flush();
    } catch (IOException e) {
      throw named(e);
    }
  }

  private IOException named(IOException e) {
    return new IOException(name + ": " + e.getMessage(), e);
  }
}
