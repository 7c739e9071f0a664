// A photo is shrunk before it travels: the pixels that the portal would drop stay here; camera's clock and all else of
// EXIF goes along.
"use strict";

const LARGEST_SIDE = 2048; // what the portal keeps

async function shrunk(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = LARGEST_SIDE / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
    const context = canvas.getContext("2d");
    [context.fillStyle, context.imageSmoothingQuality] = ["white", "high"];
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    const exif = exifOf(await file.arrayBuffer());
    const small = new Blob([jpeg.slice(0, 2), exif, jpeg.slice(2)], { type: "image/jpeg" });
    return small.size < file.size ? small : file;
  } catch {
    return file; // whatever the browser cannot read, the portal judges
  }
}

function exifOf(buffer) { // the EXIF segment of a JPEG, saying "upright" as the canvas is; else nothing
  const view = new DataView(buffer);
  for (let at = 2; view.getUint16(0) === 0xffd8 && at + 10 < view.byteLength && view.getUint8(at) === 0xff;) {
    const [marker, end] = [view.getUint16(at), at + 2 + view.getUint16(at + 2)];
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return upright(buffer.slice(at, end));
    if (marker === 0xffda) break;
    at = end;
  }
  return new Blob();
}

function upright(segment) {
  const tiff = new DataView(segment, 10);
  const little = tiff.getUint16(0) === 0x4949;
  const tags = tiff.getUint32(4, little);
  for (let n = 0; n < tiff.getUint16(tags, little); n += 1) {
    const tag = tags + 2 + 12 * n;
    if (tiff.getUint16(tag, little) === 0x0112) tiff.setUint16(tag + 8, 1, little);
  }
  return segment;
}
