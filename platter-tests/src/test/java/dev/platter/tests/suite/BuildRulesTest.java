package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.ImageFormat;
import dev.platter.struct.Struct;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.apache.commons.codec.Charsets;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.io.IOUtils;
import org.apache.commons.lang3.ArrayUtils;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.XZ;

/// The rules of the architecture, kept by the build so that reviews need not.
class BuildRulesTest {
  private static final String ROOT = "dev.platter";
  private static final String FORMATS = "dev.platter.format";

  /// Which packages of the engine each one may use besides itself.
  private static Set<String> allowed(String from) {
    return switch (from) {
      case "dev.platter.io" -> Set.of();
      case "dev.platter.struct" -> Set.of("dev.platter.io");
      case "dev.platter.image" -> Set.of("dev.platter.io", "dev.platter.struct");
      case "dev.platter.map" -> Set.of("dev.platter.io", "dev.platter.struct", "dev.platter.image");
      case ROOT -> Set.of("dev.platter.io", "dev.platter.image");
      case "dev.platter.operation" -> Set.of("dev.platter.io", "dev.platter.image", ROOT);
      default ->
          Set.of("dev.platter.io", "dev.platter.struct", "dev.platter.image", "dev.platter.map");
    };
  }

  /// What formats share; not formats.
  private static final Set<String> SHARED =
      Set.of(FORMATS + ".codec", FORMATS + ".crypto", FORMATS + ".plist");

  private record Use(String from, String to) {}

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// Who uses whom, from the compiled classes.
  private static List<Use> uses() {
    var text = new StringWriter();
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    var locations = new TreeSet<String>();
    locations.add(location(ImageFormat.class).toString());
    locations.add(location(BuiltInFormats.class).toString());
    var arguments =
        new ArrayList<>(
            List.of("--multi-release", "base", "--ignore-missing-deps", "-verbose:package"));
    List<String> libraries =
        Stream.of(
                Zstd.class,
                XZ.class,
                CompressorException.class,
                IOUtils.class,
                Charsets.class,
                ArrayUtils.class)
            .map(type -> location(type).toString())
            .toList();
    arguments.addAll(List.of("--module-path", String.join(File.pathSeparator, libraries)));
    arguments.addAll(List.of("-cp", String.join(File.pathSeparator, locations)));
    arguments.addAll(List.of("-filter:none"));
    arguments.addAll(locations);
    var out = new PrintWriter(text);
    int code = jdeps.run(out, out, arguments.toArray(String[]::new));
    out.flush();
    assertEquals(0, code, text::toString);
    var uses = new ArrayList<Use>();
    // lines about packages are indented, lines about whole modules are not
    for (String line : text.toString().lines().filter(l -> l.startsWith(" ")).toList()) {
      List<String> words = List.of(line.strip().split("\\s+"));
      int arrow = words.indexOf("->");
      if (arrow == 1) {
        uses.add(new Use(words.get(0), words.get(2)));
      }
    }
    return uses.stream().filter(u -> u.from.equals(ROOT) || u.from.startsWith(ROOT + ".")).toList();
  }

  private static boolean belongs(String name, String to) {
    return to.equals(name) || to.startsWith(name + ".");
  }

  /// The format package that a package is or is inside of.
  private static String owner(String name) {
    if (!name.startsWith(FORMATS + ".")) {
      return name;
    }
    int end = name.indexOf('.', FORMATS.length() + 1);
    return end < 0 ? name : name.substring(0, end);
  }

  @Test
  void packagesUseOnlyWhatIsBelowThem() {
    List<Use> uses = uses();
    assertTrue(uses.contains(new Use("dev.platter.format.raw", "dev.platter.image")), "jdeps");
    List<Use> wrong =
        uses.stream()
            .filter(u -> belongs(ROOT, u.to))
            .filter(u -> !owner(u.from).equals(owner(u.to)) && !u.from.equals(FORMATS))
            .filter(u -> !SHARED.contains(u.to) && !allowed(owner(u.from)).contains(u.to))
            .toList();
    assertEquals(List.of(), wrong);
  }

  @Test
  void formatsDoNotKnowEachOther() {
    List<Use> wrong =
        uses().stream()
            .filter(u -> u.from.startsWith(FORMATS + ".") && u.to.startsWith(FORMATS))
            .filter(u -> !SHARED.contains(u.to))
            .filter(u -> !owner(u.from).equals(owner(u.to)))
            .toList();
    assertEquals(List.of(), wrong);
  }

  @Test
  void formatsOpenNoPaths() {
    List<Use> wrong =
        uses().stream()
            .filter(u -> u.from.startsWith(FORMATS) && belongs("java.nio.file", u.to))
            .toList();
    assertEquals(List.of(), wrong);
  }

  @Test
  void theListsOfFormatsAreEqual() {
    List<String> builtIn =
        BuiltInFormats.all().stream().map(format -> format.getClass().getName()).toList();
    List<String> services =
        ServiceLoader.load(ImageFormat.class).stream()
            .map(provider -> provider.type().getName())
            .filter(name -> name.startsWith(FORMATS))
            .toList();
    assertEquals(builtIn, services, "META-INF/services");
    ModuleDescriptor module =
        ModuleFinder.of(location(BuiltInFormats.class))
            .find("dev.platter.formats")
            .orElseThrow()
            .descriptor();
    List<String> provided =
        module.provides().stream()
            .filter(service -> service.service().equals(ImageFormat.class.getName()))
            .flatMap(service -> service.providers().stream())
            .toList();
    assertEquals(builtIn, provided, "module-info");
  }

  @Test
  void everyFormatHasItsDocument() throws IOException {
    for (ImageFormat format : BuiltInFormats.all()) {
      String document = Files.readString(documentOf(format));
      assertTrue(document.startsWith("# "), format.name());
      for (Struct<?> struct : structs(format)) {
        List<String> missing =
            struct.byteTable().lines().filter(row -> !document.contains(row.strip())).toList();
        assertEquals(List.of(), missing, format.name() + ", " + struct.name());
      }
    }
  }

  private static Path documentOf(ImageFormat format) {
    String folder = format.getClass().getPackageName().replace('.', '/');
    return SourceTree.home().resolve("platter-formats/src/main/java/" + folder + "/FORMAT.md");
  }

  private static Set<Struct<?>> structs(ImageFormat format) throws IOException {
    var found = new HashSet<Struct<?>>();
    Path folder = documentOf(format).getParent();
    String name = format.getClass().getPackageName();
    List<Path> sources;
    try (Stream<Path> files = Files.list(folder)) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    for (Path source : sources) {
      String type = source.getFileName().toString().replace(".java", "");
      if (!type.contains("-")) {
        collect(type(name + "." + type), found);
      }
    }
    return found;
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static void collect(Class<?> type, Set<Struct<?>> found) {
    for (Field field : type.getDeclaredFields()) {
      if (field.getType() == Struct.class && Modifier.isStatic(field.getModifiers())) {
        try {
          field.setAccessible(true);
          found.add((Struct<?>) field.get(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    for (Class<?> inner : type.getDeclaredClasses()) {
      collect(inner, found);
    }
  }

  @Test
  void formatPackagesHaveOnePublicClass() throws IOException {
    for (ImageFormat format : BuiltInFormats.all()) {
      var open = new ArrayList<String>();
      try (Stream<Path> files = Files.list(documentOf(format).getParent())) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String type = file.getFileName().toString().replace(".java", "");
          if (!type.contains("-")
              && Modifier.isPublic(
                  type(format.getClass().getPackageName() + "." + type).getModifiers())) {
            open.add(type);
          }
        }
      }
      assertEquals(List.of(format.getClass().getSimpleName()), open);
    }
  }

  /// A registry that a checkout names is one that it cannot do without.
  @Test
  void noFileNamesARegistry() throws IOException {
    List<List<String>> hosts =
        List.of(
            List.of("repo", "maven", "apache", "org"),
            List.of("repo1", "maven", "org"),
            List.of("central", "sonatype", "com"),
            List.of("oss", "sonatype", "org"),
            List.of("plugins", "gradle", "org"),
            List.of("registry", "npmjs", "org"),
            List.of("pypi", "org"),
            List.of("jfrog", "io"));
    var found = new ArrayList<String>();
    for (Path file : SourceTree.texts()) {
      String text = Files.readString(file);
      for (List<String> host : hosts) {
        if (text.contains(String.join(".", host))) {
          found.add(file + " names " + host);
        }
      }
    }
    assertEquals(List.of(), found);
    assertFalse(SourceTree.texts().isEmpty());
  }
}
