package dev.platter.format.sparsebundle;

import dev.platter.image.OpenContext.References;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The bands of a folder as one storage, in which every byte is at its place of the disk. A band is
/// opened when it is needed first; of those that nobody is reading only a few stay open.
final class BandFiles implements Storage {
  private final Storage descriptor;
  private final References references;
  private final BundleInfo info;
  private final int most;
  private final Map<Integer, Band> open = new LinkedHashMap<>(16, 0.75f, true);
  private final BitSet missing = new BitSet();
  private boolean closed;

  /// @param most files that stay open
  BandFiles(Storage descriptor, References references, BundleInfo info, int most) {
    this.descriptor = descriptor;
    this.references = references;
    this.info = info;
    this.most = most;
  }

  private static final class Band {
    private final Storage file;
    private int users;

    private Band(Storage file) {
      this.file = file;
    }
  }

  /// Bytes of a band that are there; -1 if there is no such file.
  long length(int number) throws IOException {
    Optional<Band> band = acquire(number);
    if (band.isEmpty()) {
      return -1;
    }
    try {
      return band.get().file.size();
    } finally {
      release(band.get());
    }
  }

  private synchronized Optional<Band> acquire(int number) throws IOException {
    if (closed) {
      throw new IOException(name() + ": is closed");
    }
    if (missing.get(number)) {
      return Optional.empty();
    }
    Band band = open.get(number);
    if (band == null) {
      Optional<Storage> file = references.find("bands/" + Integer.toHexString(number), Access.READ);
      if (file.isEmpty()) {
        missing.set(number);
        return Optional.empty();
      }
      band = new Band(file.get());
      open.put(number, band);
    }
    band.users++;
    shrink();
    return Optional.of(band);
  }

  private synchronized void release(Band band) {
    band.users--;
  }

  private void shrink() throws IOException {
    Iterator<Band> oldest = open.values().iterator();
    while (open.size() > most && oldest.hasNext()) {
      Band band = oldest.next();
      if (band.users == 0) {
        oldest.remove();
        band.file.close();
      }
    }
  }

  @Override
  public String name() {
    return descriptor.name();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public long size() {
    return info.size();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      long at = position + done;
      int number = (int) (at / info.band());
      long inBand = at % info.band();
      long step = Math.min(target.byteSize() - done, info.band() - inBand);
      Band band =
          acquire(number)
              .orElseThrow(() -> new EOFException(name() + ": band " + number + " is missing"));
      try {
        band.file.read(inBand, target.asSlice(done, step));
      } finally {
        release(band);
      }
      done += step;
    }
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    throw readOnly();
  }

  @Override
  public void resize(long size) throws IOException {
    throw readOnly();
  }

  @Override
  public void flush() {
    // never changed
  }

  @Override
  public void zero(long position, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void punch(long position, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    throw readOnly();
  }

  private ReadOnlyException readOnly() {
    return new ReadOnlyException(name(), "is a sparse bundle, which is only read");
  }

  @Override
  public Run run(long position, long length) throws IOException {
    int number = (int) (position / info.band());
    long inBand = position % info.band();
    Optional<Band> band = acquire(number);
    if (band.isEmpty()) {
      return new Run(Run.Kind.HOLE, Math.min(length, info.band() - inBand));
    }
    try {
      return band.get().file.run(inBand, Math.min(length, info.band() - inBand));
    } finally {
      release(band.get());
    }
  }

  @Override
  public synchronized long allocated() throws IOException {
    long sum = 0;
    for (Band band : open.values()) {
      sum += band.file.allocated();
    }
    return sum;
  }

  @Override
  public Object identity() {
    return List.of(descriptor.identity(), "bands");
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    IOException first = null;
    for (Band band : open.values()) {
      try {
        band.file.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    open.clear();
    if (first != null) {
      throw first;
    }
  }
}
