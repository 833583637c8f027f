package dev.platter.tests.io;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// A file system in memory that is soon full. Only a privileged user can make one.
///
/// @param folder where it is mounted
public record SmallDisk(Path folder) implements AutoCloseable {
  /// Mounts one.
  public SmallDisk(Path folder, String size) throws IOException {
    this(folder);
    Files.createDirectory(folder);
    Peer.Outcome mount =
        Peer.named("mount").run("-t", "tmpfs", "-o", "size=" + size, "none", folder);
    Assumptions.assumeTrue(mount.status() == 0, () -> "cannot mount: " + mount.output());
  }

  @Override
  public void close() throws IOException {
    Peer.named("umount").succeed(folder);
  }
}
