/** Rows of the law as people read them: codes of the columns in words, a found row as one line. */
import { unit } from '@/lib/format';
import { fieldText, shownColumns, type Column, type Row } from './law';
import type { Names } from './names';

type Words = Record<string, readonly [zh: string, en: string]>;
const AVERAGING: Words = {
  rtd: ['实时值', 'as sent'],
  instant: ['瞬时值', 'spot value'],
  hour: ['小时均值', 'hourly mean'],
  day: ['日均值', 'daily mean'],
  daily: ['24 小时平均', '24-hour mean'],
  mda8: ['日最大 8 小时平均', 'daily maximum 8-hour mean'],
  quarter: ['季均值', 'quarterly mean'],
  year: ['年均值', 'annual mean'],
  annual: ['年平均', 'annual mean'],
  '1h': ['1 小时平均', '1-hour mean'],
  '8h': ['8 小时平均', '8-hour mean'],
  year_mean_5: ['五年平均', 'mean of 5 years'],
  night: ['夜间', 'at night'],
};
const PERIOD: Words = { day: ['昼间', 'by day'], night: ['夜间', 'at night'] };
const WORDS: Record<string, Words> = {
  averaging: AVERAGING,
  limit_average: AVERAGING,
  period: PERIOD,
  medium: {
    air: ['空气', 'air'],
    water: ['地表水', 'surface water'],
    river: ['河流', 'river'],
    lake: ['湖库', 'lake, reservoir'],
    drinking: ['饮用水源', 'drinking water'],
    groundwater: ['地下水', 'groundwater'],
    effluent: ['废水', 'effluent'],
    wastewater: ['废水', 'waste water'],
    emission: ['废气', 'emission'],
    gas: ['废气', 'waste gas'],
    soil: ['土壤', 'soil'],
    noise: ['声环境', 'noise'],
    boundary_noise: ['厂界噪声', 'noise at the boundary'],
    construction_noise: ['施工噪声', 'noise of construction'],
    traffic: ['交通噪声', 'traffic noise'],
    radiation: ['辐射', 'radiation'],
    process: ['工况', 'process'],
    other: ['其他', 'other'],
  },
  area: { rural: ['农村', 'rural'], urban: ['城市', 'urban'] },
  site: { rural: ['农村', 'rural'], urban: ['城市', 'urban'] },
  scope: {
    general: ['综合', 'general'],
    boiler: ['锅炉', 'boilers'],
    power_boiler: ['电站锅炉', 'power-station boilers'],
    gas_turbine: ['燃气轮机', 'gas turbines'],
    fence: ['厂界', 'at the boundary'],
  },
  land: {
    class_1: ['第一类用地', 'land of class 1'],
    class_2: ['第二类用地', 'land of class 2'],
    crop: ['耕地', 'cropland'],
    forest: ['林地', 'forest'],
    grass: ['草地', 'grassland'],
    water: ['水域', 'water'],
    built: ['建设用地', 'built-up'],
    unused: ['未利用地', 'unused'],
  },
  counts: {
    valid_minutes: ['有效分钟', 'valid minutes'],
    valid_hours: ['有效小时', 'valid hours'],
    valid_days: ['有效日', 'valid days'],
  },
  subject: { limits: ['限值', 'limits'], aqi: ['指数', 'index'], assessment: ['评价', 'assessment'] },
  grade: {
    in_use: ['在用', 'in use'],
    new: ['新建', 'new'],
    special: ['特别排放', 'special'],
    ultra_low: ['超低排放', 'ultra-low'],
    all: ['全部', 'all'],
    worker: ['职业', 'workers'],
    public: ['公众', 'the public'],
    oligotrophic: ['贫营养', 'oligotrophic'],
    mesotrophic: ['中营养', 'mesotrophic'],
    light_eutrophic: ['轻度富营养', 'lightly eutrophic'],
    medium_eutrophic: ['中度富营养', 'moderately eutrophic'],
    heavy_eutrophic: ['重度富营养', 'heavily eutrophic'],
  },
  fuel: {
    coal: ['燃煤', 'coal'],
    oil: ['燃油', 'oil'],
    gas: ['燃气', 'gas'],
    biomass: ['生物质', 'biomass'],
  },
  basis: {
    converted: ['折算', 'converted'],
    as_measured: ['实测', 'as measured'],
    dry_std: ['标态干基', 'dry, at standard state'],
  },
  part: {
    overall: ['总体', 'overall'],
    infrastructure: ['基础设施', 'infrastructure'],
    information: ['信息资源', 'information'],
    application: ['应用', 'application'],
    management: ['管理', 'management'],
  },
  kind: {
    national: ['国家标准', 'national standard'],
    ministry: ['行业标准', 'standard of the ministry'],
    local: ['地方', 'local'],
    law: ['法律', 'law'],
    rule: ['规章', 'rule'],
    practice: ['惯例', 'practice'],
    own: ['自定', 'own'],
    limit: ['限值', 'limit'],
    term: ['术语', 'term'],
    unit: ['单位', 'unit'],
    code: ['代码', 'code'],
    state: ['状态', 'state'],
  },
  title_en_by: {
    printed: ['标准或发布者给出', 'as printed'],
    own: ['本平台译', 'our translation'],
  },
  use: { paddy: ['水田', 'paddy'], orchard: ['果园', 'orchard'], other: ['其他', 'other'] },
  statistic: {
    '1h': ['1 小时', '1 hour'],
    '8h': ['8 小时', '8 hours'],
    mean: ['均值', 'mean'],
    percentile: ['百分位', 'percentile'],
    daily: ['日', 'daily'],
    monthly: ['月', 'monthly'],
    quarter: ['季', 'quarterly'],
    annual: ['年', 'annual'],
  },
};
/* Pollutants of the air as the tables of the air call them. */
const AIR: Record<string, string> = {
  so2: 'SO₂',
  no: 'NO',
  no2: 'NO₂',
  nox: 'NOₓ',
  co: 'CO',
  o3: 'O₃',
  pm10: 'PM₁₀',
  pm25: 'PM₂.₅',
  tsp: 'TSP',
  pb: 'Pb',
  bap: 'B[a]P',
};
const EDITION = /^(gb|hj)(\d+)_(\d{4})(?:_.*)?$/;

/** A field as it is read; a code that has no words stands as it is. */
export function cellText(c: Column, r: Row, lang: string, names: Names): string {
  const text = fieldText(r.values[c.name]);
  /* A rule in the place of an item: the row says what it is. */
  if (text.startsWith('@'))
    return fieldText((lang === 'en' && r.values.text_en) || names.word(fieldText(r.values.text), lang)) || text;
  if (c.type === 'item' || c.type === 'factor') return names.factor(text, lang);
  if (c.name === 'item' && AIR[text]) return AIR[text];
  if (c.type === 'unit') return unit(text);
  const edition = c.name === 'rule_set' ? EDITION.exec(text) : null;
  if (edition) return `${edition[1]!.toUpperCase()} ${edition[2]}-${edition[3]}`;
  const noise = c.name === 'averaging' && fieldText(r.values.medium).includes('noise');
  const words = (noise ? PERIOD : WORDS[c.name])?.[text];
  return words ? words[lang === 'en' ? 1 : 0] : names.word(text, lang);
}

/** Between which numbers a row keeps a thing, with the unit: "≤ 0.05 mg/L", "6 – 9". */
function bounds(r: Row): string {
  const { low, high } = r.values;
  if (low === undefined || high === undefined || (low === null && high === null)) return '';
  const of = unit(fieldText(r.values.unit));
  const range =
    low === null
      ? `≤ ${fieldText(high)}`
      : high === null
        ? `≥ ${fieldText(low)}`
        : `${fieldText(low)} – ${fieldText(high)}`;
  return of ? `${range} ${of}` : range;
}

/** A row in a line: what it is about and its bounds first, then each further column under its name. */
export function rowLine(columns: readonly Column[], r: Row, lang: string, names: Names): string {
  const range = bounds(r);
  const bounded = range ? ['low', 'high', 'unit'] : [];
  const said = shownColumns(
    columns.filter((c) => c.name in r.values && !bounded.includes(c.name)),
    [r],
    lang,
  ).filter((c) => fieldText(r.values[c.name]) !== '');
  const first = said.find((c) => c.type === 'item' || c.type === 'factor') ?? said[0];
  const head = [first ? cellText(first, r, lang, names) : '', range].filter(Boolean).join(' ');
  const rest = said
    .filter((c) => c !== first)
    .map((c) => `${lang === 'en' ? c.title_en : c.title} ${cellText(c, r, lang, names)}`);
  return [head, ...rest].join(lang === 'en' ? '; ' : '；');
}
