/**
 * Numbers, dates and units as section 10 of the design reference says: thin space before a unit, real minus, dash for no
 * value, GB/T 8170 rounding, +08:00 everywhere, hours by their end (24 时 is the last of its own day).
 */
export const THIN = '\u2009';
export const NONE = '—';
export const HOUR = 3_600_000;
const SHANGHAI = 8 * HOUR;
export const DAY = 24 * HOUR;

/** Half to even on the decimal text (GB/T 8170 3.2), never on the binary value. */
export function round8170(value: number, digits: number): string {
  const text = plain(Math.abs(value));
  const [whole = '0', frac = ''] = text.split('.');
  let kept = BigInt(whole + frac.slice(0, digits).padEnd(digits, '0'));
  const rest = frac.slice(digits);
  if (rest !== '') {
    const tie = rest[0] === '5' && /^0*$/.test(rest.slice(1));
    if (tie ? kept % 2n === 1n : rest[0]! >= '5') kept += 1n;
  }
  const s = kept.toString().padStart(digits + 1, '0');
  const out = digits === 0 ? s : `${s.slice(0, -digits)}.${s.slice(-digits)}`;
  return value < 0 && kept !== 0n ? `−${out}` : out;
}

/** Decimal text without an exponent. */
function plain(v: number): string {
  const s = String(v);
  const m = /^(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(s);
  if (!m) return s;
  const digits = m[1]! + (m[2] ?? '');
  const point = m[1]!.length + Number(m[3]);
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  return digits.length <= point ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Decimals of a factor by the method that measures it; unknown factors show at most three. */
const DIGITS: Record<string, number> = {
  a34004: 0,
  a34002: 0,
  a34001: 0,
  a21026: 0,
  a21004: 0,
  a21003: 0,
  a21002: 0,
  a05024: 0,
  a21005: 1,
  a01001: 1,
  a01002: 0,
  a01006: 1,
  a01007: 1,
  a01008: 0,
  a34013: 1,
  a34041: 2,
  w01001: 2,
  w01009: 2,
  w01010: 1,
  w01014: 1,
  w01003: 1,
  w01019: 1,
  w01018: 1,
  w21003: 2,
  w21011: 3,
  w21001: 2,
  w00000: 2,
  LA: 1,
  Leq: 1,
  LeqA: 1,
  n00000: 1,
};

export function digitsOf(factor: string): number | null {
  return DIGITS[factor] ?? (/^[LN]/.test(factor) ? 1 : null);
}

export function value(v: number | null | undefined, factor = ''): string {
  if (v === null || v === undefined || !Number.isFinite(v)) return NONE;
  const digits = digitsOf(factor);
  if (digits !== null) return round8170(v, digits);
  const text = plain(Math.abs(v)).split('.')[1] ?? '';
  const big = Math.abs(v) >= 100 ? 1 : Math.abs(v) >= 10 ? 2 : 3;
  return round8170(v, Math.min(text.length, big));
}

/** 19,862; tables never shorten. */
export function count(n: number | null | undefined): string {
  if (n === null || n === undefined) return NONE;
  const s = Math.abs(Math.trunc(n))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
  return n < 0 ? `−${s}` : s;
}

/** 1.8 万 from ten thousand up, for prose. */
export function countProse(n: number, lang: string): string {
  if (n < 10_000) return count(n);
  if (lang !== 'en') return n < 1e8 ? `${trim1(n / 1e4)}${THIN}万` : `${trim1(n / 1e8)}${THIN}亿`;
  return n < 1e6 ? `${trim1(n / 1e3)}k` : `${trim1(n / 1e6)}M`;
}

function trim1(v: number): string {
  return round8170(v, v >= 100 ? 0 : 1).replace(/\.0$/, '');
}

/** ug/m3 and the like as printed: μ is U+03BC, powers are raised. */
export function unit(u: string | null | undefined): string {
  if (!u) return '';
  return u
    .replace(/^[uµ]g/, 'μg')
    .replace(/m3\b/g, 'm³')
    .replace(/m\^3/g, 'm³')
    .replace(/m2\b/g, 'm²')
    .replace(/^umol/, 'μmol')
    .replace(/^us\/cm/i, 'μS/cm')
    .replace(/^µS/, 'μS')
    .replace(/^degC$|^°C$/, '℃')
    .replace(/^deg$/, '°')
    .replace(/^dB$/, 'dB(A)')
    .replace(/^1$|^-$|^无量纲$/, '');
}

export function withUnit(v: number | null | undefined, u: string | null | undefined, factor = ''): string {
  const text = value(v, factor);
  const name = unit(u);
  if (text === NONE || name === '') return text;
  return name === '%' || name === '°' ? text + name : text + THIN + name;
}

const SUB: Record<string, string> = { '0': '₀', '1': '₁', '2': '₂', '3': '₃', '4': '₄', '5': '₅', '.': '.', x: 'ₓ' };

/** PM2.5 to PM₂.₅, O3 to O₃, NH3-N to NH₃-N. */
export function subscripts(name: string): string {
  return name.replace(
    /\b(PM|SO|NO|CO|O|NH|H|CH|N)(10|2\.5|100|[1-5x])(?=\b|[-）)（( ]|$)/g,
    (_, head: string, tail: string) => head + [...tail].map((c) => SUB[c] ?? c).join(''),
  );
}

const HAN = '零一二三四五六七八九';
/** 第一百一十二条 is article 112. */
function hanNumber(text: string): number {
  let n = 0;
  let digit = 0;
  for (const c of text) {
    if (c === '百' || c === '十') {
      n += (digit || 1) * (c === '百' ? 100 : 10);
      digit = 0;
    } else digit = HAN.indexOf(c);
  }
  return n + digit;
}

/** A clause in the reader's language: "表1" is Table 1, "附录B" Annex B; other words stand as the law has them. */
export const clauseText = (clause: string | null | undefined, lang: string): string =>
  lang === 'en'
    ? (clause ?? '')
        .replace(/表\s?(?=[0-9A-Z])/g, 'Table ')
        .replace(/附[录件]\s?(?=[0-9A-Z])/g, 'Annex ')
        .replace(/附表([一二三])/g, (_, n: string) => `Annexed table ${HAN.indexOf(n)}`)
        .replace(/^附录$/, 'Annex')
        .replace(/第([一二三四五六七八九十百零]+)条/g, (_, n: string) => `Art. ${hanNumber(n)}`)
        .replace(/(?<=[0-9A-Z])至(?=[A-Z])/g, ' to ')
        .replace(/(?<=[0-9A-Z])、(?=[A-Z])/g, ', ')
    : (clause ?? '');

const SHORT: Record<string, string> = {
  a34004: 'PM₂.₅',
  a34002: 'PM₁₀',
  a34001: 'TSP',
  a21026: 'SO₂',
  a21004: 'NO₂',
  a21003: 'NO',
  a21002: 'NOₓ',
  a05024: 'O₃',
  a21005: 'CO',
  w01001: 'pH',
  w01018: 'COD',
  w21003: 'NH₃-N',
  w21011: 'TP',
  w21001: 'TN',
  w01009: 'DO',
  w01019: 'CODₘₙ',
  L10: 'L₁₀',
  L50: 'L₅₀',
  L90: 'L₉₀',
  Leq: 'Leq',
  LA: 'LA',
};

/** A short label of a factor: the symbol where one is in use, otherwise the name in the reader's language. */
export function factorLabel(f: { factor: string; name?: string; name_en?: string }, lang: string): string {
  const short = SHORT[f.factor];
  if (short && !(lang !== 'en' && /^w(01018|21003|21011|21001|01009|01019)/.test(f.factor))) return short;
  return subscripts((lang === 'en' ? f.name_en || f.name : f.name || f.name_en) || f.factor);
}

/* ---- time ---- */

export interface Parts {
  y: number;
  mo: number;
  d: number;
  h: number;
  mi: number;
  s: number;
  ms: number;
}

export function parts(ms: number): Parts {
  const t = new Date(ms + SHANGHAI);
  return {
    y: t.getUTCFullYear(),
    mo: t.getUTCMonth() + 1,
    d: t.getUTCDate(),
    h: t.getUTCHours(),
    mi: t.getUTCMinutes(),
    s: t.getUTCSeconds(),
    ms: t.getUTCMilliseconds(),
  };
}
const p2 = (n: number): string => String(n).padStart(2, '0');

export function parse(iso: string | number | null | undefined): number | null {
  if (iso === null || iso === undefined || iso === '') return null;
  const ms = typeof iso === 'number' ? iso : Date.parse(iso);
  return Number.isFinite(ms) ? ms : null;
}

export const date = (ms: number): string => {
  const p = parts(ms);
  return `${p.y}-${p2(p.mo)}-${p2(p.d)}`;
};
export const monthDay = (ms: number): string => {
  const p = parts(ms);
  return `${p2(p.mo)}-${p2(p.d)}`;
};
export const minute = (ms: number): string => {
  const p = parts(ms);
  return `${p2(p.h)}:${p2(p.mi)}`;
};
export const second = (ms: number): string => `${minute(ms)}:${p2(parts(ms).s)}`;
export const stamp = (ms: number): string => `${date(ms)} ${second(ms)}`;
export const dateMinute = (ms: number): string => `${date(ms)} ${minute(ms)}`;
export const shortMinute = (ms: number): string => `${monthDay(ms)} ${minute(ms)}`;
export const milli = (ms: number): string => `${second(ms)}.${String(parts(ms).ms).padStart(3, '0')}`;

/** ISO with +08:00, for the server and for exports. */
export function iso(ms: number): string {
  const p = parts(ms);
  const frac = p.ms ? `.${String(p.ms).padStart(3, '0')}` : '';
  return `${date(ms)}T${second(ms)}${frac}+08:00`;
}

/** The hour that starts at `start` is named by its end: 09:00 is 10 时, 23:00 is 24 时 of the same day. */
export function hourName(start: number, lang = 'zh', withDay = true): string {
  const day = withDay ? `${monthDay(start)} ` : '';
  const end = parts(start).h + 1;
  return lang === 'en' ? `${day}${p2(end)}:00` : `${day}${end}${THIN}时`;
}

export function periodName(t: number, period: string, lang: string): string {
  if (period === 'hour') return hourName(t, lang);
  if (period === 'day') return date(t);
  return period === 'rtd' ? `${monthDay(t)} ${second(t)}` : shortMinute(t);
}

/** 36 分钟前; the exact time belongs on hover. From 24 h on the exact time is shown. */
export function age(ms: number | null, now: number, lang: string): string {
  if (ms === null) return NONE;
  const s = Math.round((now - ms) / 1000);
  const zh = lang !== 'en';
  if (s < -60) return shortMinute(ms);
  if (s < 5) return zh ? '刚刚' : 'just now';
  if (s < 60) return zh ? `${s}${THIN}秒前` : `${s} s ago`;
  if (s < 3600) return zh ? `${Math.floor(s / 60)}${THIN}分钟前` : `${Math.floor(s / 60)} min ago`;
  if (s < 86_400) return zh ? `${Math.floor(s / 3600)}${THIN}小时前` : `${Math.floor(s / 3600)} h ago`;
  return parts(ms).y === parts(now).y ? shortMinute(ms) : date(ms);
}

/** 1 时 52 分, 2 天 3 时. */
export function duration(ms: number, lang: string): string {
  const zh = lang !== 'en';
  const s = Math.round(Math.abs(ms) / 1000);
  const unitOf = (n: number, z: string, e: string): string => (zh ? `${n}${THIN}${z}` : `${n}${THIN}${e}`);
  const pair = (a: string, n: number, z: string, e: string): string => (n ? `${a} ${unitOf(n, z, e)}` : a);
  if (s < 60) return unitOf(s, '秒', 's');
  if (s < 3600) return pair(unitOf(Math.floor(s / 60), '分', 'min'), s % 60, '秒', 's');
  if (s < 86_400) return pair(unitOf(Math.floor(s / 3600), '时', 'h'), Math.floor((s % 3600) / 60), '分', 'min');
  return pair(unitOf(Math.floor(s / 86_400), '天', 'd'), Math.floor((s % 86_400) / 3600), '时', 'h');
}

/** Clock drift with its sign: +3.2 秒 means that the device's clock is ahead. */
export function drift(seconds: number | null | undefined, lang: string): string {
  if (seconds === null || seconds === undefined) return NONE;
  const a = Math.abs(seconds);
  const sign = a < 0.05 ? '' : seconds > 0 ? '+' : '−';
  if (a >= 60) return sign + duration(a * 1000, lang);
  return `${sign}${round8170(a, 1).replace(/\.0$/, '')}${THIN}${lang === 'en' ? 's' : '秒'}`;
}

/** ▲ 4, ▼ 6, — 0. */
export function change(now: number | null, before: number | null, factor = ''): string {
  if (now === null || before === null) return '';
  const d = now - before;
  /* Differences of decimals carry binary dust: no more digits than the two values have. */
  const own =
    digitsOf(factor) ??
    Math.max(...[now, before].map((v) => Math.min(3, plain(Math.abs(v)).split('.')[1]?.length ?? 0)));
  const text = round8170(Math.abs(d), own);
  if (/^[0.]*$/.test(text)) return `— 0`;
  return `${d > 0 ? '▲' : '▼'} ${text}`;
}

export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${round8170((part / whole) * 100, 1)}%` : NONE;

export const degrees = (lon: number, lat: number): string => `${lon.toFixed(4)}, ${lat.toFixed(4)}`;
