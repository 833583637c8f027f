package dev.platter.format.qcow2;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.platter.format.codec.Decompressor;
import dev.platter.image.ImageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Decompresses clusters to exactly one cluster each. Decoders are used again and again; there are
/// as many as threads have decoded at once.
final class QcowDecoder implements AutoCloseable {
  private final String file;
  private final QcowCodec codec;
  private final ConcurrentLinkedDeque<Decompressor> inflaters = new ConcurrentLinkedDeque<>();
  private final ConcurrentLinkedDeque<ZstdDecompressCtx> contexts = new ConcurrentLinkedDeque<>();

  QcowDecoder(String file, QcowCodec codec) {
    this.file = file;
    this.codec = codec;
  }

  /// @param position where the bytes are in the file, for messages
  void decode(long position, MemorySegment stored, MemorySegment unit) throws ImageException {
    boolean whole =
        switch (codec) {
          case ZLIB -> inflate(stored, unit);
          case ZSTD -> unzstd(stored, unit);
        };
    if (!whole) {
      throw new ImageException.Corrupt(
          file,
          "the compressed cluster at "
              + QcowTables.hex(position)
              + " does not decode to "
              + unit.byteSize()
              + " bytes as "
              + codec.label());
    }
  }

  private boolean inflate(MemorySegment stored, MemorySegment unit) {
    Decompressor pooled = inflaters.pollFirst();
    Decompressor inflater = pooled == null ? Decompressor.deflate() : pooled;
    try {
      return inflater.decompress(stored, unit);
    } finally {
      inflaters.addFirst(inflater);
    }
  }

  /// In one call, which needs no window memory whatever the frame's header asks for.
  private boolean unzstd(MemorySegment stored, MemorySegment unit) {
    ZstdDecompressCtx pooled = contexts.pollFirst();
    ZstdDecompressCtx context = pooled == null ? new ZstdDecompressCtx() : pooled;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = stored;
      if (!stored.isNative()) {
        from = arena.allocate(stored.byteSize(), 8).copyFrom(stored);
      }
      MemorySegment to = unit.isNative() ? unit : arena.allocate(unit.byteSize(), 8);
      boolean whole = unzstd(context, from.asByteBuffer(), to.asByteBuffer());
      if (!unit.isNative()) {
        unit.copyFrom(to);
      }
      return whole;
    } finally {
      contexts.addFirst(context);
    }
  }

  private static boolean unzstd(ZstdDecompressCtx context, ByteBuffer stored, ByteBuffer unit) {
    int size = unit.capacity();
    long frame = Zstd.findDirectByteBufferFrameCompressedSize(stored, 0, stored.capacity());
    if (Zstd.isError(frame) || frame > stored.capacity()) {
      return false;
    }
    try {
      return context.decompressDirectByteBuffer(unit, 0, size, stored, 0, (int) frame) == size;
    } catch (ZstdException _) {
      return false;
    }
  }

  @Override
  public void close() {
    inflaters.forEach(Decompressor::close);
    inflaters.clear();
    contexts.forEach(ZstdDecompressCtx::close);
    contexts.clear();
  }
}
