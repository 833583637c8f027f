package dev.platter.format.qcow2;

import dev.platter.format.crypto.DraftOptions;
import dev.platter.format.crypto.Luks1Draft;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan.Encryption;
import dev.platter.image.Plan.Preallocation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a new image shall be, with every combination that the format or QEMU does not know refused.
///
/// @param size bytes of the disk, rounded up to sectors of 512
/// @param version 2 or 3
/// @param clusterBits log2 of the cluster size
/// @param refcountOrder log2 of a reference count's bits
/// @param lazyRefcounts the lazy refcounts bit
/// @param extended entries of L2 tables have subclusters
/// @param mapped every cluster gets a place, written or not
/// @param room what the storage does about places that are not written
/// @param compression how compressed clusters are compressed
/// @param level the codec's level, 0 for its fast default
/// @param dataFile the name of the external data file, if there is one
/// @param rawDataFile the data file is a raw image of the disk
/// @param encryption the LUKS header, if guest data is encrypted
/// @param backing the parent, if there is one
record QcowPlanOptions(
    long size,
    int version,
    int clusterBits,
    int refcountOrder,
    boolean lazyRefcounts,
    boolean extended,
    boolean mapped,
    Preallocation room,
    QcowCodec compression,
    int level,
    Optional<String> dataFile,
    boolean rawDataFile,
    Optional<Luks1Draft> encryption,
    Optional<Blueprint.Backing> backing) {

  static final String COMPAT = "compat";
  static final String CLUSTER_SIZE = "cluster_size";
  static final String REFCOUNT_BITS = "refcount_bits";
  static final String LAZY_REFCOUNTS = "lazy_refcounts";
  static final String EXTENDED_L2 = "extended_l2";
  static final String PREALLOCATION = "preallocation";
  static final String COMPRESSION_TYPE = "compression_type";
  static final String COMPRESSION_LEVEL = "compression_level";
  static final String DATA_FILE = "data_file";
  static final String DATA_FILE_RAW = "data_file_raw";

  /// What stands in front of the options of encryption.
  static final String ENCRYPT = "encrypt.";

  static final String ENCRYPTION = "encrypt.format";

  /// QEMU reads no longer L1 table.
  static final long L1_LIMIT = 32L << 20;

  /// QEMU reads no longer refcount table.
  static final long REFCOUNT_TABLE_LIMIT = 8L << 20;

  /// The header's field for the backing file's name is not to say more.
  static final int NAME_LIMIT = 1023;

  /// The options of the format, with `qemu-img`'s names and defaults.
  static final List<Option> DECLARED = Stream.concat(plain(), encrypting()).toList();

  private static Stream<Option> encrypting() {
    return Stream.concat(
        Stream.of(Option.choice(ENCRYPTION, List.of("off", "luks"), "how guest data is encrypted")),
        DraftOptions.declared(ENCRYPT).stream());
  }

  private static Stream<Option> plain() {
    return Stream.of(
        Option.choice(
            COMPAT,
            List.of("1.1", "0.10", "v3", "v2"),
            "compatibility level: version 3 [1.1] or 2 [0.10]"),
        Option.size(CLUSTER_SIZE, "64K", "bytes of a cluster, 512 to 2M"),
        Option.number(REFCOUNT_BITS, "16", "width of a reference count, 1 to 64 bits"),
        Option.onOff(LAZY_REFCOUNTS, false, "reference counts are written late, behind a mark"),
        Option.onOff(EXTENDED_L2, false, "clusters have 32 subclusters"),
        Option.choice(
            PREALLOCATION,
            List.of("off", "metadata", "falloc", "full"),
            "room for what is not written: none, places only, set aside, or zeros written"),
        Option.choice(
            COMPRESSION_TYPE, List.of("zlib", "zstd"), "how compressed clusters are compressed"),
        Option.number(COMPRESSION_LEVEL, "0", "the compression's level, 0 for its fast default"),
        Option.text(DATA_FILE, "name of an external file for guest data"),
        Option.onOff(DATA_FILE_RAW, false, "the data file is always a raw image of the disk"));
  }

  /// Reads a blueprint.
  ///
  /// @throws IllegalArgumentException if there can be no such image
  static QcowPlanOptions of(Blueprint blueprint) {
    Options options = blueprint.options();
    boolean raw = options.on(DATA_FILE_RAW);
    String preallocation = options.text(PREALLOCATION);
    var parsed =
        new QcowPlanOptions(
            sectors(blueprint.size()),
            options.text(COMPAT).equals("0.10") || options.text(COMPAT).equals("v2") ? 2 : 3,
            clusterBits(options.size(CLUSTER_SIZE)),
            refcountOrder(options.number(REFCOUNT_BITS)),
            options.on(LAZY_REFCOUNTS),
            options.on(EXTENDED_L2),
            raw || !preallocation.equals("off"),
            switch (preallocation) {
              case "falloc" -> Preallocation.FALLOC;
              case "full" -> Preallocation.FULL;
              default -> Preallocation.OFF;
            },
            options.text(COMPRESSION_TYPE).equals("zstd") ? QcowCodec.ZSTD : QcowCodec.ZLIB,
            options.number(COMPRESSION_LEVEL),
            options.given(DATA_FILE).filter(name -> !name.isEmpty()),
            raw,
            encryption(blueprint),
            blueprint.backing());
    parsed.checkVersion();
    parsed.checkFiles();
    parsed.checkSizes();
    return parsed;
  }

  /// Whether clusters are encrypted that nobody wrote.
  static boolean leavesNoise(Options options) {
    return options.text(ENCRYPTION).equals("luks") && !options.text(PREALLOCATION).equals("off");
  }

  private static Optional<Luks1Draft> encryption(Blueprint blueprint) {
    Options options = blueprint.options();
    if (options.text(ENCRYPTION).equals("luks")) {
      return Optional.of(new Luks1Draft(blueprint, DraftOptions.of(options, ENCRYPT)));
    }
    for (Option option : DraftOptions.declared(ENCRYPT)) {
      require(!options.has(option.name()), option.name() + " needs " + ENCRYPTION + "=luks");
    }
    return Optional.empty();
  }

  private static long sectors(long size) {
    require(
        size >= 0 && size <= Long.MAX_VALUE - 511, "a disk of " + size + " bytes is not possible");
    return (size + 511) & -512;
  }

  private static int clusterBits(long size) {
    require(
        Long.bitCount(size) == 1 && size >= 512 && size <= 2 << 20,
        "cluster_size=" + size + ": expected a power of two between 512 and 2M");
    return Long.numberOfTrailingZeros(size);
  }

  private static int refcountOrder(int bits) {
    require(
        Integer.bitCount(bits) == 1 && bits >= 1 && bits <= 64,
        "refcount_bits=" + bits + ": expected a power of two between 1 and 64");
    return Integer.numberOfTrailingZeros(bits);
  }

  private void checkVersion() {
    if (version >= 3) {
      require(
          !extended || clusterBits >= 14,
          "extended_l2=on needs a cluster_size of at least 16K, not " + clusterSize());
      return;
    }
    String needs = " needs compat=1.1";
    require(refcountOrder == 4, "refcount_bits=" + (1 << refcountOrder) + needs);
    require(!lazyRefcounts, "lazy_refcounts=on" + needs);
    require(!extended, "extended_l2=on" + needs);
    require(compression == QcowCodec.ZLIB, "compression_type=zstd" + needs);
    require(dataFile.isEmpty(), "data_file" + needs);
  }

  private void checkFiles() {
    require(!rawDataFile || dataFile.isPresent(), "data_file_raw=on needs a data_file");
    require(
        !rawDataFile || encryption.isEmpty(),
        "data_file_raw=on and encryption cannot be used together");
    require(
        !rawDataFile || backing.isEmpty(),
        "data_file_raw=on and a backing file cannot be used together");
    require(
        !mapped || backing.isEmpty() || extended,
        "preallocation and a backing file can be used together with extended_l2=on only");
    dataFile.ifPresent(name -> checkName("data_file", name));
    backing.ifPresent(parent -> checkName("the backing file's name", parent.name()));
    int limit = compression == QcowCodec.ZSTD ? 22 : 12;
    require(
        level >= 0 && level <= limit,
        "compression_level=" + level + ": expected a number from 0 to " + limit);
  }

  private static void checkName(String what, String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    require(length > 0, what + " is empty");
    require(length <= NAME_LIMIT, what + " has " + length + " bytes, the limit is " + NAME_LIMIT);
  }

  private void checkSizes() {
    require(
        l1Entries() <= L1_LIMIT / Long.BYTES,
        "a disk of " + size + " bytes is too large for cluster_size=" + clusterSize());
  }

  static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  long clusterSize() {
    return 1L << clusterBits;
  }

  /// Bytes of an entry of an L2 table.
  int entrySize() {
    return extended ? 16 : 8;
  }

  /// Log2 of the bytes of the disk that one L2 table maps.
  int tableBits() {
    return 2 * clusterBits - (extended ? 4 : 3);
  }

  /// Bytes of the smallest run that can be allocated alone.
  long unit() {
    return extended ? clusterSize() / 32 : clusterSize();
  }

  /// Entries of the L1 table.
  long l1Entries() {
    return ((size - 1) >> tableBits()) + 1;
  }

  /// Clusters of the encryption header.
  long encryptionClusters() {
    return encryption.map(draft -> clusters(draft.length())).orElse(0L);
  }

  /// What guest bytes go through on their way into their file.
  Optional<Encryption> cipher() {
    return encryption.map(draft -> new Encryption(draft.cipher(), 0));
  }

  /// How many whole clusters bytes take.
  long clusters(long bytes) {
    return (bytes + clusterSize() - 1) >> clusterBits;
  }

  /// The refcount structures of a file.
  ///
  /// @param others clusters that it has besides
  QcowPlanRefcounts refcounts(long others) {
    return QcowPlanRefcounts.of(clusterBits, refcountOrder, others);
  }
}
