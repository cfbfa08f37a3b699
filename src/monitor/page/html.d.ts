/** The bundler puts the text of the page in the place of its import, with the style, the script and the charts in it. @module */

declare module '*.html' {
  const text: string;
  export default text;
}
