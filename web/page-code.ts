/** Owns the square code of an address, for a phone to read. The only importer of qrcode. */
import {create, toString as drawn} from 'qrcode';

/** As SVG: black on white, whatever the page around it is like. */
export function squareCode(address: string): Promise<string> {
  return drawn(address, {type: 'svg', errorCorrectionLevel: 'M', margin: 4});
}

/** The same as one SVG path of dark squares, each a unit wide, and how many there are in a row: for a page that draws it itself. */
export function squarePath(text: string): {readonly size: number; readonly path: string} {
  const {size, data} = create(text, {errorCorrectionLevel: 'M'}).modules;
  const rows = Array.from({length: size}, (_, y) =>
    Array.from({length: size}, (_, x) => (data[y * size + x] ? `M${x} ${y}h1v1h-1z` : '')).join(''),
  );
  return {size, path: rows.join('')};
}
