/** The server's answers, as its contract in docs/api (OpenAPI) states them. Times are ISO 8601 with +08:00. */
export type SiteKind =
  | 'air' | 'water' | 'source_water' | 'source_air' | 'noise' | 'dust' | 'drinking' | 'rural' | 'roadside' | 'weather';
export type SiteState = 'online' | 'silent' | 'partial' | 'never' | 'stopped';
export type DeviceState = 'online' | 'silent' | 'quarantined' | 'drift' | 'never';
export type Period = 'rtd' | 'minute' | 'hour' | 'day';

export interface Tip { group: number; time: string; sm3: string }
export interface Summary {
  time: string;
  devices: { total: number; online: number; silent: number; quarantined: number; drift: number };
  frames: { total: number; per_second: number; faulty: number };
  sites: { air: number; water: number; source: number; noise: number; dust: number };
  journal: { entries: number; durable: number; tip: Tip | null };
}
export interface Latest {
  factor: string;
  name: string;
  name_en: string;
  value: number | null;
  unit: string;
  flag: string;
  time: string;
  stat: string;
  series?: number;
  period?: Period;
  point?: string;
}
/** What the law says of the newest hour values; judged by the server. */
export interface Grade {
  kind: 'aqi' | 'water_class' | 'noise';
  value: number | null;
  level: number;
  text: string;
  text_en: string;
  primary: string[];
  target: string | null;
  limit: number | null;
  met: boolean | null;
  basis: string | null;
  edition: string | null;
  time: string;
  provisional: boolean;
}
export interface Site {
  id: number;
  code: string;
  name: string;
  kind: SiteKind;
  district: { code: string; name: string; name_en?: string } | null;
  /** Null where nobody has told the place yet. */
  lon: number | null;
  lat: number | null;
  state: SiteState;
  last_time: string | null;
  latest: Latest[];
  grade?: Grade | null;
  attributes?: { body?: string | null };
}
export interface Series {
  id: number;
  factor: string;
  name: string;
  name_en: string;
  unit: string;
  stat: string;
  period: Period;
  /** Outlet or measuring point of the site; '' is the site itself. */
  point?: string;
  count: number;
  first_time: string | null;
  last_time: string | null;
}
export interface SiteDetail extends Site {
  devices: Device[];
  series: Series[];
  outlets: { code?: string; id?: number | string; name?: string }[];
}
export type Point = [number, number | null, string, number?];
export interface Points { series: Series; from: string; to: string; sampled: boolean; total: number; points: Point[] }
export interface Frame {
  seq: number;
  /** hj212 and bad are frames of devices; import, manual and others are text of another kind. */
  kind?: string;
  arrived: string;
  peer: string;
  raw: string;
  encoding: string;
  verdict: string;
  crc_field: string | null;
  crc_calc: string | null;
  faults: { key: string; rule: string; zh: string; en: string }[];
  group: number | null;
  chain_sm3: string | null;
  tip: Tip | null;
  highlight: [number, number] | null;
}
export interface Origin {
  point: { time: string; value: number | null; flag: string; version: number; versions?: unknown[] };
  frames: Frame[];
}
export interface Device {
  mn: string;
  state: DeviceState;
  site: { id: number; name: string } | null;
  profile: string;
  st: string;
  connected: boolean;
  peer: string | null;
  last_frame: string | null;
  first_frame: string | null;
  frames: number;
  faulty: number;
  drift_s: number | null;
  faults: Record<string, number>;
}
export interface NewDevice {
  mn: string;
  site_name?: string;
  kind?: SiteKind;
  district?: string;
  lon?: number;
  lat?: number;
}
export interface Page<T> { items: T[]; next: string | null; total: number }
export interface District { code: string; name: string; name_en: string }
export interface Factor { factor: string; name: string; name_en: string; unit: string }

export interface LiveFrame { mn: string; site: number | null; seq: number; time: string }
export interface LiveLatest { site: number; grade?: Grade | null; values: { series: number; factor: string; value: number | null; flag: string; time: string }[] }
export interface LiveState { mn: string; site: number | null; state: string }

/* ---- alarms ---- */
export type AlarmState = 'raised' | 'acknowledged' | 'cleared' | 'closed' | 'withdrawn';
export type Averaging = 'rtd' | 'hour' | 'day';
export interface AlarmLimit { high?: number; low?: number; unit?: string; permit?: string; source?: string }
export interface AlarmMember {
  factor?: string;
  name?: string;
  name_en?: string;
  unit?: string;
  averaging: Averaging | null;
  converted: boolean;
  mn: string | null;
  /** Devices of an outage; `mns` holds the first of them. */
  devices?: number;
  mns?: string[];
  limit: AlarmLimit | null;
  heard: string | null;
  route: string | null;
  start: string | null;
  raised: string | null;
  end: string | null;
  first: number | null;
  peak: number | null;
  peak_time: string | null;
  count: number | null;
  severity: string | null;
  standard: string | null;
  clause: string | null;
  law: string | null;
  series?: number;
  first_frame: string | null;
  peak_frame: string | null;
}
/** What a person did about it. `by` is the name that was told; it is not verified until there is identity. */
export interface Touch { act: string; by: string; by_verified: boolean; at: string | null; reason: string | null; verdict: string | null }
export interface Alarm {
  id: string;
  kind: string;
  severity: 'notice' | 'warning' | 'serious' | 'urgent';
  state: AlarmState;
  active: boolean;
  late: boolean;
  withdrawn: boolean;
  why: string | null;
  into: string | null;
  site: { id: number; code: string; name: string; kind: SiteKind; district: string } | null;
  point: string;
  start: string | null;
  raised: string | null;
  cleared: string | null;
  known: string | null;
  seq: number;
  version: number;
  text: string;
  text_en: string;
  ack: Touch | null;
  close: Touch | null;
  member_count: number;
  members: AlarmMember[];
}
export interface AlarmVersion {
  version: number;
  state: AlarmState;
  start: string | null;
  cleared: string | null;
  late: boolean;
  known: string | null;
  seq: number;
  rule: string;
  standard: string;
  clause: string;
  law: string;
  code: string;
}
export interface AlarmLife { alarm: Alarm; versions: AlarmVersion[]; acts: Act[] }
export interface AlarmCounts {
  active: number;
  late: number;
  severity: Record<'notice' | 'warning' | 'serious' | 'urgent', { active: number; unacknowledged: number }>;
  kinds: Record<string, number>;
  districts: Record<string, number>;
}
export interface Limit {
  id: string;
  site: number;
  point: string;
  factor: string;
  averaging: Averaging;
  from: string | null;
  to: string | null;
  state: string;
  standard: string;
  clause: string;
  seq: number;
  /** The act that set it, and by whom. */
  act: { act: string; by: string; data: { high?: number; low?: number; unit?: string; permit?: string } };
}

/* ---- acts ---- */
export interface Act {
  id: string;
  act: string;
  by: string;
  by_verified: boolean;
  at: string;
  reason: string;
  seq: number;
  target: Record<string, unknown> | null;
  data: Record<string, unknown> | null;
  result: Record<string, unknown>;
}
export interface NewAct { act: string; by: string; target: Record<string, unknown>; data?: Record<string, unknown>; reason?: string }
export interface ActDone { id: string; act: string; by: string; result: Record<string, unknown> }
export interface ActField { name: string; type: string; required: boolean; zh: string; en: string; choices: string | null }
export interface ActKind { act: string; zh: string; en: string; needs_reason: boolean; target: ActField[]; data: ActField[] }

/* ---- where a figure comes from ---- */
export interface Explained {
  kind: 'observation' | 'rollup' | 'finding' | 'entry' | 'law' | 'act';
  id: string;
  zh: string;
  en: string;
  inputs: Explained[];
  seq?: number;
  truncated?: boolean;
}

/* ---- review of data ---- */
export type HourState = 'stopped' | 'not_due' | 'invalid' | 'missing' | 'excused' | 'valid';
export interface ReviewHour {
  time: string;
  state: HourState;
  state_zh: string;
  value: number | null;
  version: number;
  reasons: { key: string; zh: string; en: string }[];
  body: Record<string, unknown>;
}
export interface ReviewDay {
  day: string;
  hours: Partial<Record<HourState, number>>;
  effective: number | null;
  mean: number | null;
  mean_valid: boolean;
  over: string | null;
  kg: number | null;
  substituted_share: number | null;
}
export interface ReviewCalendar { site: number; point: string; factors: { factor: string; name: string; name_en?: string; unit: string; days: ReviewDay[] }[] }
export interface ReviewRow {
  id: string | null;
  kind: string;
  site: number;
  point: string;
  factor: string;
  sub: string;
  start: string | null;
  end: string | null;
  state: string;
  value: number | null;
  version: number;
  standard: string;
  clause: string;
  body: Record<string, unknown>;
}
export interface Words { key: string; zh: string; en: string }
export interface MarkCode { code: string; class: string; name: string; name_en: string; effect: string; max_hours: number | null; corroborated_by: string | null }
export interface ReviewDictionary { states: Words[]; reasons: Words[]; marks: MarkCode[]; closing: Words[] }
export interface SheetItem {
  site: number;
  site_name: string;
  district: string;
  point: string;
  what: 'not_received' | 'invalid' | 'unmarked' | 'over';
  state: 'open' | 'closed';
  /** The most hours of any factor. */
  hours: number | null;
  body: {
    closed: { at: string | null; by: string; code: string; note: string } | null;
    factors: { factor: string; hours: number }[];
    reasons?: string[];
    proposal?: string;
  };
}
export interface Sheet { day: string; items: SheetItem[]; open: number; closed: number }

/* ---- suspicions ---- */
export type SuspicionState = 'new' | 'looking' | 'confirmed' | 'false' | 'unclear';
export interface SuspicionHead {
  id: string;
  site: { id: number; code?: string; name?: string; district?: string };
  point: string;
  state: SuspicionState;
  score: number;
  opened: string | null;
  closed: string | null;
  withdrawn: boolean;
  last_seen: string | null;
  medium: 'water' | 'gas';
  disputed: boolean;
}
export interface SuspicionItem extends SuspicionHead { sentence: string | null; sentence_en: string | null; detectors: string[] }
export interface SuspicionChart { factor: string; name: string; from: string; to: string }
export interface SuspicionReason {
  detector: string;
  version: number;
  name: string;
  name_en: string;
  family: string;
  family_en?: string;
  s: number;
  term?: number;
  sentence: string;
  sentence_en: string;
  charts?: SuspicionChart[];
  on_site?: string;
  on_site_en?: string;
}
export interface Suspicion extends SuspicionHead {
  version: number;
  weights: string;
  reasons: SuspicionReason[];
  verdicts: { verdict: string; by: string; at: string | null; note: string; trap: string }[] | null;
  /** Series of the charts, by factor. */
  series: Record<string, number>;
}
export interface DetectorFigure { what: string; value: number | null; of: number | null }
export interface Detectors {
  weights: string;
  fitted_on: string;
  items: { id: string; name: string; name_en: string; family: string; family_en: string; blind_spots: string; blind_spots_en: string; figures: DetectorFigure[] }[];
  figures: DetectorFigure[];
  run?: { outlets: number; waiting: number; frontier: string | null; failed: boolean; why: string };
}
export interface Command { id: number; mn: string; cn: number; command?: string; name?: string; state: string; state_zh?: string; detail: string; asked: string | null; done: string | null; by?: string }
export interface Arrival { time: string; received: boolean; seq?: number; arrived?: string | null; late?: boolean }
