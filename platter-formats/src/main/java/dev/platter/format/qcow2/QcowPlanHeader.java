package dev.platter.format.qcow2;

import dev.platter.image.Blueprint.Backing;
import dev.platter.struct.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The first cluster of a new image: header, extensions, the parent's name.
///
/// @param l1Position where the L1 table starts
/// @param refcountPosition where the refcount table starts
/// @param refcountClusters clusters of the refcount table
/// @param encryptionPosition where the encryption header starts, where there is one
record QcowPlanHeader(
    QcowPlanOptions options,
    long l1Position,
    long refcountPosition,
    long refcountClusters,
    long encryptionPosition) {

  /// The header with `compression_type` and its padding.
  private static final int LENGTH = QcowHeader.COMPRESSION_AT + 8;

  /// The bytes of the header up to the end of the parent's name.
  ///
  /// @throws IllegalArgumentException if they do not fit into a cluster
  byte[] encode() {
    List<QcowExtension> extensions = extensions();
    byte[] bytes = head(extensions).encode();
    QcowPlanOptions.require(
        bytes.length <= options.clusterSize(),
        "names of the backing file and the data file do not fit into the header of cluster_size="
            + options.clusterSize());
    // a help for readers that do not know a feature; QEMU leaves it out too where it has no room
    var names =
        new QcowExtension(QcowExtension.FEATURE_NAMES, QcowFeatures.encode(QcowFeatures.STANDARD));
    if (options.version() < 3 || bytes.length + names.size() > options.clusterSize()) {
      return bytes;
    }
    extensions.add(names);
    return head(extensions).encode();
  }

  private QcowHead head(List<QcowExtension> extensions) {
    byte[] additional = new byte[options.version() < 3 ? 0 : LENGTH - QcowHeader.V3_LENGTH];
    if (additional.length > 0) {
      additional[0] = (byte) (options.compression() == QcowCodec.ZSTD ? 1 : 0);
    }
    return new QcowHead(
        header(), Bytes.of(additional), extensions, options.backing().map(Backing::name));
  }

  private List<QcowExtension> extensions() {
    List<QcowExtension> extensions = new ArrayList<>();
    options
        .backing()
        .flatMap(Backing::format)
        .ifPresent(f -> extensions.add(QcowExtension.text(QcowExtension.BACKING_FORMAT, f)));
    options
        .dataFile()
        .ifPresent(f -> extensions.add(QcowExtension.text(QcowExtension.DATA_FILE, f)));
    options
        .encryption()
        .ifPresent(draft ->
            extensions.add(
                new QcowExtension(
                    QcowExtension.ENCRYPTION,
                    Bytes.of(
                        ByteBuffer.allocate(16)
                            .putLong(encryptionPosition)
                            .putLong(draft.length())
                            .array()))));
    return extensions;
  }

  private QcowHeader header() {
    long incompatible =
        (options.dataFile().isPresent() ? QcowFeatures.DATA_FILE : 0)
            | (options.compression() == QcowCodec.ZSTD ? QcowFeatures.COMPRESSION : 0)
            | (options.extended() ? QcowFeatures.EXTENDED_L2 : 0);
    return new QcowHeader(
        QcowHeader.MAGIC,
        options.version(),
        0,
        0,
        options.clusterBits(),
        options.size(),
        options.encryption().isPresent() ? QcowHeader.LUKS : 0,
        options.l1Entries(),
        l1Position,
        refcountPosition,
        refcountClusters,
        0,
        0,
        incompatible,
        options.lazyRefcounts() ? QcowFeatures.LAZY_REFCOUNTS : 0,
        options.rawDataFile() ? QcowFeatures.RAW_DATA_FILE : 0,
        options.refcountOrder(),
        options.version() < 3 ? QcowHeader.V2_LENGTH : LENGTH);
  }
}
