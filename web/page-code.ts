/** Owns the square code of an address, for a phone to read. The only importer of qrcode. */
import {toString as drawn} from 'qrcode';

/** As SVG: black on white, whatever the page around it is like. */
export function squareCode(address: string): Promise<string> {
  return drawn(address, {type: 'svg', errorCorrectionLevel: 'M', margin: 4});
}
