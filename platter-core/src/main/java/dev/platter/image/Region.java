package dev.platter.image;

/// A run of blocks that are alike.
///
/// @param start the first block, counted from the disk's first one
/// @param blocks how many there are; the last one may be cut off by the disk's end
/// @param blockSize bytes of the disk that a block has, metadata included
/// @param data what a block's data is
/// @param metadata what stands behind the data in each block
public record Region(long start, long blocks, int blockSize, DataForm data, MetadataForm metadata) {

  /// Bytes of the metadata of [MetadataForm#RAW]: all eight subchannels of a sector.
  public static final int SUBCHANNEL = 96;

  /// Blocks without metadata.
  public Region(long start, long blocks, int blockSize, DataForm data) {
    this(start, blocks, blockSize, data, MetadataForm.NONE);
  }

  /// Bytes of a block's data.
  public int dataSize() {
    return blockSize - metadataSize();
  }

  /// Bytes of a block's metadata.
  public int metadataSize() {
    return metadata == MetadataForm.RAW ? SUBCHANNEL : 0;
  }

  /// What the data of blocks is. Numbers are the bytes that a block has.
  public enum DataForm {
    /// Not known.
    RAW,
    /// Digital audio: 588 samples of two channels.
    AUDIO,
    /// Silence between tracks of audio.
    AUDIO_PAUSE,
    /// User data of mode 1.
    MODE1_2048,
    /// Whole sectors of mode 1: synchronisation, header, user data, codes.
    MODE1_2352,
    /// Sectors of mode 1 that have only zeros, or whose data is not in the image.
    MODE1_EMPTY,
    /// User data of mode 2, form 1.
    MODE2_2048,
    /// Sectors of mode 2 without synchronisation and header.
    MODE2_2336,
    /// Whole sectors of mode 2.
    MODE2_2352,
    /// Sectors of mode 2 that have only zeros, or whose data is not in the image.
    MODE2_EMPTY
  }

  /// What stands behind the data of blocks.
  public enum MetadataForm {
    /// Nothing.
    NONE,
    /// The subchannels as they were read.
    RAW
  }
}
