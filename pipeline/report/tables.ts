/** Owns the page's tables: every line of the dub, and what every stage cost. Never leaves the page's size unbounded. */
import {languageOf} from '../../appliance/languages.ts';
import {clipped, escapedBytes, html, type Markup, nothing} from './html.ts';
import type {Report, ReportLine, StageCost} from './report.ts';
import {bytes, calledIn, clock, count, plain, seconds, signed, stateWords} from './words.ts';

const mostRows = 2000;
const rowsInPage = 100;
/** What all texts of all lines may take together, escaped; where they are more, each gets an equal share. */
const textBytes = 540_000;
const mostTextBytes = 1200;

export function lineTable(report: Report): Markup {
  const {lines} = report;
  if (lines.length === 0) return html`<p class="muted">No line was found to dub.</p>`;
  const shown = lines.length > mostRows ? worthShowing(report) : lines;
  const limit = shareOf(shown);
  const pages = Array.from({length: Math.ceil(shown.length / rowsInPage)}, (_, i) =>
    shown.slice(i * rowsInPage, (i + 1) * rowsInPage),
  );
  const left = lines.length - shown.length;
  const note =
    left > 0
      ? html`<p class="muted">${left} lines without a finding are left out here; report.json has them all.</p>`
      : nothing;
  if (pages.length === 1) return html`${note}${table(shown, report, limit)}`;
  return html`${note}${pages.map(page => {
    const [first, last] = [page[0], page.at(-1)];
    const span = `Lines ${first?.number} – ${last?.number}`;
    const when = `${clock(first?.source.start ?? 0)} – ${clock(last?.source.end ?? 0)}`;
    return html`<details><summary>${span} <span class="muted">${when}</span></summary>${table(page, report, limit)}</details>`;
  })}`;
}

function shareOf(lines: readonly ReportLine[]): number {
  const texts = lines.flatMap(l => [l.text, l.translation, l.heard?.text ?? '']);
  const wanted = texts.reduce((sum, text) => sum + escapedBytes(clipped(text, mostTextBytes)), 0);
  return wanted <= textBytes ? mostTextBytes : Math.floor(textBytes / texts.length);
}

/** In a very long film: the lines that somebody should look at. */
function worthShowing({lines, findings}: Report): ReportLine[] {
  const named = new Set(findings.map(f => f.line));
  return lines.filter(l => named.has(l.number)).slice(0, mostRows);
}

function table(lines: readonly ReportLine[], report: Report, limit: number): Markup {
  const {from, to} = report;
  return html`<table class="lines"><thead><tr><th scope="col">Line, time, speaker</th><th scope="col">${languageOf(from).english} and ${languageOf(to).english}</th><th scope="col">Speed</th><th scope="col">Lag</th><th scope="col">State</th></tr></thead><tbody>${lines.map(line => lineRow(line, report, limit))}</tbody></table>`;
}

const stateClasses = {fits: 'good', tight: 'fair', over: 'poor', kept: 'none'} as const;

function lineRow(line: ReportLine, report: Report, limit: number): Markup {
  const {from, to} = report;
  const over = line.overflow > 0 ? ` by ${plain(line.overflow, 2)} s` : '';
  const why = line.why === undefined ? nothing : html`<p>${clipped(line.why, Math.min(200, limit))}</p>`;
  const rung = line.rung === 'simpler-voice' ? html`<p>simpler voice</p>` : nothing;
  const edited = line.edited ? html`<p>edited by hand</p>` : nothing;
  return html`<tr id="l${line.number}"><th scope="row">${line.number}<span>${clock(line.source.start)}</span><span dir="auto">${clipped(calledIn(report, line.speaker), 24)}</span></th><td><p dir="auto" lang="${from}">${clipped(line.text, limit)}</p><p dir="auto" lang="${to}">${clipped(line.translation, limit)}</p>${heardBack(line, to, limit)}</td><td>${line.speed === null ? '–' : `${plain(line.speed, 2)} ×`}</td><td>${line.lag === null ? '–' : `${signed(line.lag)} s`}</td><td><span class="badge ${stateClasses[line.state]}">${stateWords[line.state]}${over}</span>${rung}${edited}${why}</td></tr>`;
}

function heardBack({heard}: ReportLine, to: string, limit: number): Markup {
  if (heard === null) return nothing;
  const score =
    heard.words === 0 ? '' : ` (${count(heard.errors, 'error')} in ${count(heard.words, 'word')})`;
  return html`<p class="back" dir="auto" lang="${to}">${clipped(heard.text ?? '', limit)}${score}</p>`;
}

export function stageTable({stages, duration}: Report): Markup {
  if (stages.length === 0) return html`<p class="muted">Nothing was recorded.</p>`;
  return html`<p class="muted">Steps run side by side, so the seconds add up to more than the job took. Real-time factor: seconds over the length of the film.</p><div class="scroll" role="region" aria-label="What each stage cost" tabindex="0"><table><thead><tr><th scope="col">Stage</th><th scope="col" class="num">Steps</th><th scope="col" class="num">Time</th><th scope="col" class="num">Processor</th><th scope="col" class="num">Real-time factor</th><th scope="col" class="num">Peak memory</th><th scope="col">With</th></tr></thead><tbody>${stages.map(stage => stageRow(stage, duration))}</tbody></table></div>`;
}

function stageRow(stage: StageCost, duration: number): Markup {
  const name = html`<th scope="row">${stage.stage}</th>`;
  if (stage.skipped !== undefined) {
    return html`<tr>${name}<td colspan="6" class="muted">skipped: ${clipped(stage.skipped, 300)}</td></tr>`;
  }
  const kept =
    stage.reused === 0 ? '' : stage.reused === stage.nodes ? ', all kept' : `, ${stage.reused} kept`;
  const steps = html`${name}<td class="num">${stage.nodes}${kept}</td>`;
  const ran = stage.reused < stage.nodes;
  const factor = duration > 0 && ran ? plain(stage.seconds / duration, 3) : '–';
  const cells = [
    ran ? seconds(stage.seconds) : '–',
    ran ? seconds(stage.cpuSeconds) : '–',
    factor,
    stage.peakBytes > 0 ? bytes(stage.peakBytes) : '–',
  ];
  return html`<tr>${steps}${cells.map(cell => html`<td class="num">${cell}</td>`)}<td>${clipped(stage.engine ?? '', 120)}</td></tr>`;
}
