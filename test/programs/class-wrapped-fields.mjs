import { threaded } from 'offloop';

//#region jobs
class Images {
  static scale = threaded((pixels, by) => pixels.map((p) => p * by));
  static blur = threaded(function blur(pixels) {
    return pixels.map((p, i) => (p + (pixels[i + 1] ?? p)) / 2);
  });

  constructor(pixels) {
    this.pixels = pixels;
  }

  async render() {
    return Images.blur(await Images.scale(this.pixels, 2));
  }
}
//#endregion

const image = new Images([1, 2, 3]);
console.log(await image.render());

//! works
//> [ 3, 5, 6 ]
