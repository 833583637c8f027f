package dev.platter.format;

import dev.platter.format.bochs.BochsFormat;
import dev.platter.format.cloop.CloopFormat;
import dev.platter.format.cue.CueFormat;
import dev.platter.format.dmg.DmgFormat;
import dev.platter.format.iso.IsoFormat;
import dev.platter.format.luks.LuksFormat;
import dev.platter.format.parallels.ParallelsFormat;
import dev.platter.format.qcow.Qcow1Format;
import dev.platter.format.qcow2.QcowFormat;
import dev.platter.format.qed.QedFormat;
import dev.platter.format.raw.RawFormat;
import dev.platter.format.sparsebundle.SparseBundleFormat;
import dev.platter.format.sparseimage.SparseImageFormat;
import dev.platter.format.vdi.VdiFormat;
import dev.platter.format.vhd.VhdFormat;
import dev.platter.format.vhdx.VhdxFormat;
import dev.platter.format.vmdk.VmdkFormat;
import dev.platter.image.ImageFormat;
import java.util.List;

/// The formats of this module, in probing order, without the start-up cost of a service loader. A
/// test holds the list equal to the services.
public final class BuiltInFormats {
  private BuiltInFormats() {}

  /// All of them.
  public static List<ImageFormat> all() {
    return List.of(
        new BochsFormat(),
        new CloopFormat(),
        new CueFormat(),
        new DmgFormat(),
        new IsoFormat(),
        new LuksFormat(),
        new ParallelsFormat(),
        new Qcow1Format(),
        new QcowFormat(),
        new QedFormat(),
        new RawFormat(),
        new SparseBundleFormat(),
        new SparseImageFormat(),
        new VdiFormat(),
        new VhdFormat(),
        new VhdxFormat(),
        new VmdkFormat());
  }
}
