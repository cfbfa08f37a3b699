/** The page's text, which the bundler puts in the place of its import, with the style, the script and the charts. @module */

declare const text: string;
export default text;
