// The reports as `carillon report --format json` gives them (docs/scoring.md, docs/bank.md, docs/plans.md).
export const FUNNEL = ['assigned', 'sent', 'arrived', 'opened', 'clicked', 'responded', 'goal'] as const;
const ASIDE = ['not_sent', 'bounced', 'opted_out', 'control', 'control_goal', 'left_out'] as const;
export const STEPS = [...FUNNEL, ...ASIDE] as const;
export type Step = (typeof STEPS)[number];

export type Maybe<T> = T | { missing: string };
export const isMissing = <T extends object>(value: Maybe<T>): value is { missing: string } => 'missing' in value;
export interface Estimate { value: number; interval: [number, number] }
export interface Count { hits: number; of: number }
export type Group = { name: string } & Record<(typeof FUNNEL)[number] | 'delivered' | 'bounced' | 'opted_out', number>;
export interface Rate extends Count { name: string; share: Maybe<Estimate> }

export interface Lift {
  group: string;
  conversion: string;
  treated: Count;
  control: Count;
  difference: Maybe<Estimate>;
  always_valid: Maybe<Estimate>;
  incremental: Maybe<Estimate>;
  test: string | { missing: string };
  p?: number;
  p_adjusted?: number;
}

export interface MoneyLift {
  group: string;
  conversion: string;
  currency: string | null;
  treated: number;
  control: number;
  difference: Maybe<Estimate>;
  incremental: Maybe<Estimate>;
}

export interface ChannelFigures {
  channel: string;
  sent: number;
  arrived: number;
  opened: number;
  clicked: number;
  responded: number;
  units: number;
  cost_minor: number;
  return_on_cost: Maybe<Estimate>;
  credited_conversions: number;
}

export interface Slice { value: string; responded: Count; treated: Count; control: Count; difference: Maybe<Estimate> }
export interface Breakdown { by: string; slices: Slice[] }
export interface PlanFigure { figure: string; planned: number; expected: number; fact: number; deviation: number; beyond_limit: boolean; currency?: string }

export interface ReportData {
  campaign: string;
  state: string;
  goal: { event?: string };
  total: number;
  open: number;
  left_out: number;
  rates: Rate[];
  groups: Group[];
  sample_ratio: Maybe<{ broken: boolean }>;
  lifts: Lift[];
  money: MoneyLift[];
  variants: { first: string; second: string; difference: Maybe<Estimate>; p_adjusted: number; differs: boolean; still_needed: number | { missing: string } }[];
  channels: ChannelFigures[];
  responses: { kind: string; automatic: boolean; events: number; clients: number }[];
  response_times: { responses: number; quarter_ms?: number; half_ms?: number; three_quarters_ms?: number; nine_tenths_ms?: number };
  cost_minor: number;
  currency: string;
  score: Maybe<Estimate & { weight_known: number }>;
  breakdowns?: Breakdown[];
  plan?: { limit: number; figures: PlanFigure[] };
}

export interface SegmentPeriod { period: string; clients: number; joined: number; left: number; funds_minor: number; loans_minor: number; products: number; refusals: number }
export interface BankData {
  from: string;
  to: string;
  snapshots: number;
  currency: string;
  segments: { segment: string; periods: SegmentPeriod[] }[];
  value: {
    measure: string;
    clients: number;
    total_minor: number;
    share_of_fifth: number;
    who_bring_80: number;
    first: { client: string; name: string; manager: string; worth_minor: number; share: number; cumulative: number }[];
  };
  migration: { from: string; to: string; clients: number }[];
  retention: { of: number; stayed: number };
  products_together: { first: string; second: string; clients: number; support: number; confidence: number; lift: number }[];
  sources: { source: string; prospects: number; won: number; products: number; days_to_win: number }[];
}

export interface ProfitData {
  from: string;
  to: string;
  by: string;
  rows: { group: string; metric: string; detail: string; currency: string; clients: number; planned_minor: number; fact_minor: number; deviation: number | null; beyond_limit: number; without_fact: number }[];
}
