package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// Files and methods stay small enough to be read at once.
class SizeBudgetTest {
  private static final int FILE_LINES = 500;
  private static final int METHOD_LINES = 60;

  @Test
  void filesAreShort() throws IOException {
    var tooLong = new ArrayList<String>();
    for (Path source : SourceTree.javaSources()) {
      long lines = Files.readString(source).lines().count();
      if (lines >= FILE_LINES) {
        tooLong.add(source + " has " + lines + " lines");
      }
    }
    assertEquals(List.of(), tooLong);
  }

  @Test
  void methodsAreShort() throws IOException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    var tooLong = new ArrayList<String>();
    int methods = 0;
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
      var task =
          (JavacTask)
              javac.getTask(
                  null,
                  files,
                  _ -> {},
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(SourceTree.javaSources()));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        var lengths = new Lengths(unit, positions, tooLong);
        lengths.scan(unit, null);
        methods += lengths.methods;
      }
    }
    assertTrue(methods > 500, methods + " methods");
    assertEquals(List.of(), tooLong);
  }

  private static final class Lengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> tooLong;
    private int methods;

    private Lengths(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
      this.unit = unit;
      this.positions = positions;
      this.tooLong = tooLong;
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      LineMap lines = unit.getLineMap();
      long start = positions.getStartPosition(unit, method);
      long end = positions.getEndPosition(unit, method);
      methods++;
      if (start >= 0 && end >= 0) {
        long length = lines.getLineNumber(end) - lines.getLineNumber(start) + 1;
        if (length >= METHOD_LINES) {
          String file = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
          tooLong.add(file + ": " + method.getName() + " has " + length + " lines");
        }
      }
      return super.visitMethod(method, nothing);
    }
  }
}
