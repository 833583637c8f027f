package dev.platter.cli;

import dev.platter.image.Secret;
import dev.platter.image.Secrets;
import dev.platter.io.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The secrets that the user gave: `--key-file FILE` for every encrypted image that is opened, or
/// `--object secret,id=NAME,file=FILE`. They are read when an image asks for them, and are never
/// taken from the command line, where others see them.
final class KeyFiles implements Secrets {
  /// What cryptsetup reads of a key file at most.
  private static final int LARGEST = 8 << 20;

  private final Map<String, Origin> objects = new LinkedHashMap<>();
  private final Optional<Origin> keyFile;

  /// Where a secret comes from.
  ///
  /// @param name the file or the environment variable
  /// @param place which of them
  /// @param base64 whether it is written in base 64
  private record Origin(String name, Place place, boolean base64) {
    Secret read() throws IOException {
      byte[] bytes =
          switch (place) {
            case FILE -> ofFile();
            case ENVIRONMENT -> ofEnvironment();
          };
      if (!base64) {
        return Secret.of(bytes);
      }
      try {
        return Secret.of(Base64.getMimeDecoder().decode(bytes));
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }

    private byte[] ofFile() throws IOException {
      try (InputStream in = Files.newInputStream(ImageName.of(name).path())) {
        byte[] bytes = in.readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
          Arrays.fill(bytes, (byte) 0);
          throw new UsageException(name + ": is too long for a key, more than " + LARGEST);
        }
        return bytes;
      }
    }

    private byte[] ofEnvironment() {
      String value = System.getenv(name);
      if (value == null) {
        throw new UsageException("there is no environment variable '" + name + "'");
      }
      return value.getBytes(StandardCharsets.UTF_8);
    }
  }

  /// Kinds of places.
  private enum Place {
    /// A file; a descriptor is `/dev/fd/N`.
    FILE,
    /// An environment variable.
    ENVIRONMENT
  }

  /// Takes the options apart; nothing is read yet.
  KeyFiles(Arguments arguments) {
    for (String object : arguments.all("--object")) {
      add(object);
    }
    keyFile = arguments.text("--key-file").map(file -> new Origin(file, Place.FILE, false));
  }

  /// The options that name keys.
  static void describe(Syntax syntax) {
    syntax
        .value(
            "FILE",
            "The key of encrypted images: all of FILE, a line's end too. /dev/fd/N is a descriptor.",
            "--key-file")
        .values(
            "OBJECT",
            "A key with a name: secret,id=NAME,file=FILE or secret,id=NAME,env=VARIABLE, each also"
                + " with format=base64.",
            "--object");
  }

  private void add(String object) {
    int comma = object.indexOf(',');
    if (comma < 0 || !object.substring(0, comma).equals("secret")) {
      throw new UsageException("--object: expected secret,id=NAME,file=FILE");
    }
    Map<String, String> said = KeyValues.join(List.of(object.substring(comma + 1)));
    Optional<String> id = Optional.empty();
    Optional<Origin> origin = Optional.empty();
    boolean base64 = false;
    for (Map.Entry<String, String> pair : said.entrySet()) {
      switch (pair.getKey()) {
        case "id" -> id = Optional.of(pair.getValue());
        case "file" -> origin = Optional.of(new Origin(pair.getValue(), Place.FILE, false));
        case "env" -> origin = Optional.of(new Origin(pair.getValue(), Place.ENVIRONMENT, false));
        case "format" -> base64 = base64(pair.getValue());
        case "data" ->
            throw new UsageException(
                "--object secret,data=...: a key on the command line is seen by others; use file=");
        default -> throw new UsageException("--object secret: there is no '" + pair.getKey() + "'");
      }
    }
    if (id.isEmpty() || origin.isEmpty()) {
      throw new UsageException("--object secret: id=NAME and file=FILE are needed");
    }
    Origin from = origin.get();
    objects.put(id.get(), new Origin(from.name(), from.place(), base64));
  }

  private static boolean base64(String format) {
    return switch (format) {
      case "base64" -> true;
      case "raw" -> false;
      default ->
          throw new UsageException("--object secret,format=" + format + ": expected raw or base64");
    };
  }

  /// The secret in a file.
  static Secret ofFile(String file) throws IOException {
    return new Origin(file, Place.FILE, false).read();
  }

  /// The same, where the first image has the key of this name.
  Secrets first(String name) {
    if (!objects.containsKey(name)) {
      throw new UsageException("there is no secret '" + name + "'; name it with --object secret");
    }
    Secrets all = this;
    return new Secrets() {
      @Override
      public Optional<Secret> of(Storage image) throws IOException {
        return all.named(name);
      }

      @Override
      public Optional<Secret> named(String other) throws IOException {
        return all.named(other);
      }
    };
  }

  @Override
  public Optional<Secret> of(Storage image) throws IOException {
    Optional<Origin> origin = keyFile;
    if (origin.isEmpty() && objects.size() == 1) {
      origin = objects.values().stream().findFirst();
    }
    if (origin.isEmpty() && objects.size() > 1) {
      throw new UsageException(
          image.name()
              + ": is encrypted, and there are several secrets; say which with --image-opts"
              + " ...,encrypt.key-secret=NAME");
    }
    return origin.isEmpty() ? Optional.empty() : Optional.of(origin.get().read());
  }

  @Override
  public Optional<Secret> named(String name) throws IOException {
    Origin origin = objects.get(name);
    return origin == null ? Optional.empty() : Optional.of(origin.read());
  }
}
