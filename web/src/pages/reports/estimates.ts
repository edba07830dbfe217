// Estimates with their intervals in words.
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { isMissing, type Estimate, type Maybe } from './report-data';

export type Say = (value: Maybe<Estimate>, show?: (n: number) => string) => string;

export function useEstimate(): Say {
  const format = useFormat();
  const { t, code } = useSpeech();
  return (value, show = format.percent) =>
    isMissing(value) ? t('report.missing', { why: code('lack', value.missing) })
      : `${show(value.value)} (${show(value.interval[0])} … ${show(value.interval[1])})`;
}

export const rangeOf = (label: string, value: Estimate) => ({ label, value: value.value, low: value.interval[0], high: value.interval[1] });
