/// The formats that Platter knows. (The command's module is compiled after this one, which javac
/// warns of.)
@SuppressWarnings("module")
module dev.platter.formats {
  requires com.github.luben.zstd_jni;
  requires dev.platter.core;
  requires org.apache.commons.compress;
  requires org.tukaani.xz;

  exports dev.platter.format to
      dev.platter.cli;

  provides dev.platter.image.ImageFormat with
      dev.platter.format.bochs.BochsFormat,
      dev.platter.format.cloop.CloopFormat,
      dev.platter.format.cue.CueFormat,
      dev.platter.format.dmg.DmgFormat,
      dev.platter.format.iso.IsoFormat,
      dev.platter.format.luks.LuksFormat,
      dev.platter.format.parallels.ParallelsFormat,
      dev.platter.format.qcow.Qcow1Format,
      dev.platter.format.qcow2.QcowFormat,
      dev.platter.format.qed.QedFormat,
      dev.platter.format.raw.RawFormat,
      dev.platter.format.sparsebundle.SparseBundleFormat,
      dev.platter.format.sparseimage.SparseImageFormat,
      dev.platter.format.vdi.VdiFormat,
      dev.platter.format.vhd.VhdFormat,
      dev.platter.format.vhdx.VhdxFormat,
      dev.platter.format.vmdk.VmdkFormat;
}
