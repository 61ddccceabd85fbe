/** Owns square codes on a terminal. The only importer of qrcode-terminal. */
import qr from 'qrcode-terminal';

/** Lines of half blocks, two rows of the code each; as wide as they are, a phone reads them off a dark screen too. */
export function squareCode(text: string): Promise<readonly string[]> {
  return new Promise(resolve => {
    qr.generate(text, {small: true}, code => resolve(code.split('\n').filter(line => line !== '')));
  });
}
