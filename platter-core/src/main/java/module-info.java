/// The engine: disks, chains of images, storages, and what a format implements.
module dev.platter.core {
  exports dev.platter;
  exports dev.platter.image;
  exports dev.platter.io;
  exports dev.platter.map;
  exports dev.platter.operation;
  exports dev.platter.struct;

  uses dev.platter.image.ImageFormat;
}
