/**
 * What the server answers. The types are made from its contract (tools/api-types): what a page asks of an answer that the
 * contract does not promise is an error here. Times are ISO 8601 with +08:00.
 */
import type * as S from './schema';

export type {
  Act,
  ActDone,
  ActField,
  ActKind,
  Alarm,
  AlarmCounts,
  AlarmLife,
  AlarmLimit,
  AlarmMember,
  AlarmVersion,
  Arrival,
  Command,
  DetectorFigure,
  Detectors,
  Device,
  District,
  Factor,
  Grade,
  Latest,
  Limit,
  MarkCode,
  NewAct,
  NewDevice,
  Origin,
  ReviewCalendar,
  ReviewDay,
  ReviewDictionary,
  ReviewHour,
  ReviewRow,
  Series,
  SheetItem,
  Site,
  SiteDetail,
  Summary,
  Suspicion,
  SuspicionItem,
  SuspicionReason,
  Tip,
  Touch,
} from './schema';
export type { Entry as Frame, Explanation as Explained, KeyWords as Words, ReviewSheet as Sheet } from './schema';

export type SiteKind = S.Site['kind'];
export type SiteState = S.Site['state'];
export type DeviceState = S.Device['state'];
export type Period = S.Series['period'];
/** Milliseconds, value, flag; 1 behind them where it was revised. */
export type Point = [number, number | null, string, number?];
export type Points = Omit<S.Points, 'points'> & { points: Point[] };
export type AlarmState = S.Alarm['state'];
export type Averaging = S.Limit['averaging'];
export type HourState = S.ReviewHour['state'];
export type SuspicionState = S.SuspicionItem['state'];
export type SuspicionChart = NonNullable<S.SuspicionReason['charts']>[number];
/** What a list of suspicions and a whole one have in common. */
export type SuspicionHead = Omit<S.SuspicionItem, 'sentence' | 'sentence_en' | 'detectors'>;

/* Events of the live stream (docs/api.md). */
export type LiveLatest = S.LiveLatest;
export type LiveState = S.LiveState;
