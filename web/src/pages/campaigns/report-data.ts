// The report as `carillon report --format json` gives it (docs/scoring.md).
export const FUNNEL = ['assigned', 'sent', 'arrived', 'opened', 'clicked', 'responded', 'goal'] as const;
export type Step = (typeof FUNNEL)[number] | 'bounced' | 'opted_out' | 'left_out' | 'control';

export type Maybe<T> = T | { missing: string };
export const isMissing = <T extends object>(value: Maybe<T>): value is { missing: string } => 'missing' in value;
export interface Estimate { value: number; interval: [number, number] }
interface Count { hits: number; of: number }
export type Group = { name: string } & Record<(typeof FUNNEL)[number] | 'delivered' | 'bounced' | 'opted_out', number>;

export interface ReportData {
  total: number;
  open: number;
  left_out: number;
  rates: { name: string; hits: number; of: number; share: Maybe<Estimate> }[];
  groups: Group[];
  sample_ratio: Maybe<{ broken: boolean }>;
  lifts: { group: string; conversion: string; treated: Count; control: Count; difference: Maybe<Estimate>; incremental: Maybe<Estimate> }[];
  channels: { channel: string; sent: number; arrived: number; opened: number; clicked: number; responded: number; units: number; cost_minor: number }[];
  cost_minor: number;
  score: Maybe<Estimate>;
}
