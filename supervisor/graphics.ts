/**
 * Owns asking systeminformation for the graphics cards: a program of its own that prints them and ends. It starts
 * lspci and nvidia-smi, and waits for some of them without letting anything else run; a driver that hangs would hang
 * the daemon with it. Never imported by the daemon: see gpus.ts, which starts it and ends it.
 */
import {graphics, type Systeminformation} from 'systeminformation';
import type {Gpu} from './gpus.ts';

const mebibyte = 1 << 20;

const {controllers} = await graphics();
process.stdout.write(JSON.stringify(controllers.map(gpuOf)));

function gpuOf(card: Systeminformation.GraphicsControllerData): Gpu {
  const {name, model, vendor, vram, memoryTotal, memoryUsed, utilizationGpu, temperatureGpu} = card;
  const total = memoryTotal ?? vram ?? null;
  return {
    name: (name || model || vendor || 'unnamed').slice(0, 200),
    totalBytes: total === null ? null : total * mebibyte,
    usedBytes: memoryUsed === undefined ? null : memoryUsed * mebibyte,
    busy: utilizationGpu === undefined ? null : utilizationGpu / 100,
    celsius: temperatureGpu ?? null,
  };
}
