package dev.platter.format.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import java.lang.foreign.MemorySegment;

/// zstd, a frame a unit.
final class ZstdCompressor implements Compressor {
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final Scratch scratch = new Scratch();

  ZstdCompressor(int level) {
    context.setLevel(level);
  }

  @Override
  public int compress(MemorySegment unit, MemorySegment target) {
    MemorySegment in = scratch.input(unit);
    MemorySegment out = scratch.output(target);
    int written;
    try {
      written =
          context.compressDirectByteBuffer(
              out.asByteBuffer(),
              0,
              (int) out.byteSize(),
              in.asByteBuffer(),
              0,
              (int) in.byteSize());
    } catch (ZstdException _) {
      return 0;
    }
    scratch.deliver(out, target, written);
    return written;
  }

  @Override
  public long bound(long size) {
    return Zstd.compressBound(size);
  }

  @Override
  public void close() {
    context.close();
    scratch.close();
  }
}
