/** Owns reading `text/event-stream`: bytes in, events out. Never connects, never waits between two streams. */

export interface SentEvent {
  /** Null when it has no place of its own to go on after. */
  readonly id: string | null;
  readonly data: string;
}

/** An event longer than this is no event of ours. */
const eventLimit = 1 << 20;

/** Throws when an event is too long. What is cut off by the stream's end is left out, as the standard wants. */
export async function* readEventStream(source: AsyncIterable<Uint8Array>): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let data: string[] = [];
  let length = 0;
  for await (const bytes of source) {
    rest += decoder.decode(bytes, {stream: true});
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, rest[end - 1] === '\r' && end > start ? end - 1 : end);
      start = end + 1;
      if (line === '') {
        if (data.length > 0) yield {id, data: data.join('\n')};
        [id, data, length] = [null, [], 0];
        continue;
      }
      const {name, value} = fieldOf(line);
      if (name === 'id') id = value;
      if (name === 'data') data.push(value);
      length += line.length;
      if (length > eventLimit) throw tooLong();
    }
    rest = rest.slice(start);
    if (rest.length > eventLimit) throw tooLong();
  }
}

/** A line that starts with a colon is a comment: a field without a name. */
function fieldOf(line: string): {readonly name: string; readonly value: string} {
  const colon = line.indexOf(':');
  if (colon === -1) return {name: line, value: ''};
  const value = line.slice(colon + 1);
  return {name: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value};
}

function tooLong(): Error {
  return new Error(`an event of over ${eventLimit} characters`);
}
