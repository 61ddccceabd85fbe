/** Owns what a failure is called in Spanish. */
import {bytesText, spanText} from '../format.ts';
import {
  amountOf,
  type FailureWords,
  type LimitWords,
  languageNamed,
  quoted,
  reasons,
} from './failure.terms.ts';

const retry = 'Reinténtalo: sigue desde el último paso terminado.';
const limits: LimitWords = {
  job: amount => [`El doblaje tardó más de ${amount}.`, `${retry} JOB_HOURS_MAX permite más.`],
  stage: (amount, node) => [
    `${node ?? 'Un paso'} tardó más de ${amount}.`,
    `${retry} STAGE_MINUTES_MAX permite más.`,
  ],
  silence: amount => [
    `No se supo nada del doblaje durante ${amount}.`,
    `${retry} En una máquina muy lenta, JOB_HEARTBEAT_SECONDS permite más.`,
  ],
  processor: amount => [
    `El doblaje usó más de ${amount} de tiempo de procesador.`,
    `${retry} JOB_HOURS_MAX permite más.`,
  ],
  memory: amount => [
    `El doblaje necesitaba más memoria que los ${amount} que tenía.`,
    'JOB_MEMORY_MB permite más, si la máquina la tiene; el ajuste rápido (fast) gasta menos.',
  ],
  file: amount => [
    `Un archivo del doblaje pasó de ${amount}.`,
    'Revisa el vídeo: puede decir que es mucho más largo de lo que es.',
  ],
};
export const words: FailureWords = {
  'no-such-file': ({path}) => [`No existe el archivo ${path}.`, 'Añade el vídeo otra vez.'],
  'is-a-folder': ({path}) => [`${path} es una carpeta.`, 'Añade los vídeos que contiene.'],
  'not-a-file': ({path}) => [`${path} no es un archivo normal.`, 'Añade un vídeo.'],
  unreadable: ({path, detail}) => [`No se puede leer ${path}: ${detail}.`, 'Revisa sus permisos.'],
  'empty-file': ({path}) => [`${path} está vacío.`, 'Añádelo otra vez: puede que la copia se cortara.'],
  'not-media': ({path, detail}) => [
    `${path} no es un vídeo que se pueda leer: ${detail}.`,
    'Se aceptan MP4, MKV, WebM, MOV, AVI, MPEG y TS.',
  ],
  playlist: ({path, format}) => [
    `${path} es una lista de reproducción (${format}), no un vídeo.`,
    'Añade el vídeo mismo.',
  ],
  truncated: ({path, detail}) => [
    `${path} está cortado o dañado: ${detail}.`,
    'Cópialo o descárgalo de nuevo y añádelo otra vez.',
  ],
  'no-video': ({path}) => [`${path} no tiene imagen.`, 'Solo se doblan vídeos con imagen.'],
  'no-audio': ({path}) => [`${path} no tiene sonido.`, 'En un vídeo mudo no hay nada que doblar.'],
  'no-duration': ({path}) => [
    `${path} no tiene duración.`,
    'Puede que la grabación no se terminara; guárdala de nuevo.',
  ],
  'no-speech': ({path}) => [
    `No se encontró voz en ${path}.`,
    'Si alguien habla en él, añádelo otra vez con sus subtítulos.',
  ],
  'unsupported-pair': ({from, to, pairs}) => [
    `Aquí ningún traductor pasa de ${languageNamed(from, 'es')} a ${languageNamed(to, 'es')}.`,
    `Pares que funcionan aquí: ${quoted(pairs) || 'ninguno'}. O añade el vídeo con subtítulos traducidos.`,
  ],
  'same-language': ({language}) => [
    `El vídeo ya está en ${languageNamed(language, 'es')}.`,
    'Elige otro idioma, o di cuál se habla en el vídeo.',
  ],
  'too-long': ({path, seconds, mostSeconds}) => [
    `${path} dura ${spanText(seconds, 'es')}; se aceptan ${spanText(mostSeconds, 'es')} como mucho.`,
    'Córtalo en partes, o sube MAX_VIDEO_MIN.',
  ],
  'bad-subtitles': ({path, line, detail}) => [
    `${path} no se puede leer en la línea ${line}: ${detail}.`,
    'Corrige esa línea, o quita los subtítulos para que se reconozca la voz.',
  ],
  'disk-full': ({path, neededBytes, freeBytes, noInodes}) => [
    noInodes
      ? `En ${path} hay espacio, pero no cabe ni un archivo más.`
      : `En ${path} quedan ${bytesText(freeBytes, 'es')}; este doblaje necesita unos ${bytesText(neededBytes, 'es')}.`,
    'Borra lo que ya nadie necesite y reinténtalo.',
  ],
  'not-writable': ({path, detail}) => [`No se puede escribir en ${path}: ${detail}.`, 'Cambia sus permisos.'],
  'nothing-to-edit': ({path}) => [`En ${path} no hay ningún doblaje que editar.`, 'Dóblalo antes.'],
  'which-to-edit': ({path, titles}) => [`En ${path} hay más de un doblaje.`, `Son: ${quoted(titles)}.`],
  'no-such-line': ({line, lines}) => [
    `No existe la línea ${line}: este doblaje tiene ${lines}.`,
    'Vuelve a cargar la página.',
  ],
  'no-such-speaker': ({speaker, speakers}) => [
    `Nadie en este doblaje se llama ${speaker}.`,
    `Elige entre ${speakers.join(', ')}.`,
  ],
  'no-such-voice': ({voice, voices}) => [
    `Aquí no hay ninguna voz ${voice} para el idioma de este doblaje.`,
    `Elige entre ${voices.join(', ')}.`,
  ],
  'engine-missing': failure => [
    `No hay ningún motor listo para ${failure.kind}: ${reasons(failure)}.`,
    'Quien cuida el servidor debe ejecutar scripts/setup.',
  ],
  'tool-failed': ({tool, stage, exit, stderr}) => [
    `${tool} falló en ${stage} (${exit}): ${stderr}`,
    'Reinténtalo: lo terminado se conserva. Si vuelve a fallar, el vídeo puede estar dañado donde se detuvo.',
  ],
  'bad-output': ({path, detail}) => [
    `El resultado ${path} no pasó la comprobación: ${detail}.`,
    'No se reemplazó nada. Reinténtalo; si vuelve a fallar, el vídeo puede estar dañado ahí.',
  ],
  busy: ({path, pid}) => [`El proceso ${pid} está trabajando en ${path}.`, 'Espera a que termine.'],
  'worker-lost': ({exit, stderr}) => [
    `El doblaje se interrumpió sin responder (${exit}). ${stderr}`.trim(),
    retry,
  ],
  limit: failure => limits[failure.limit](amountOf(failure, 'es'), failure.node),
  'wire-broken': ({detail}) => [
    `Se puso fin al doblaje (${detail}).`,
    'Reinténtalo. Si vuelve a pasar, avisa y adjunta el registro del trabajo.',
  ],
  stopped: () => ['Se detuvo.', retry],
  bug: ({detail}) => [`Un error de Dubstead: ${detail}`, 'Avisa y adjunta el registro del trabajo.'],
};
