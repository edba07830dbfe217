// What a rule compares with: a plain value by the field's type, or the small form of a special rule.
import { Checkbox, Group, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import type { ValueEditorProps } from 'react-querybuilder';
import { useSpeech } from '../i18n';
import type { Catalogue } from './catalogue';
import { ContractEditor } from './ContractEditor';
import { PlainValue } from './PlainValue';
import { SPECIAL, type Value } from './tree';

const CHANNELS = ['email', 'sms', 'fax', 'letter', 'call'];
const PURPOSES = ['transactional', 'service', 'debt', 'marketing'];

export function ValueEditor(p: ValueEditorProps) {
  const catalogue = (p.context as { catalogue: Catalogue }).catalogue;
  if ((SPECIAL as readonly string[]).includes(p.field)) return <SpecialEditor {...p} catalogue={catalogue} />;
  const field = catalogue.client.find((one) => one.name === p.field);
  return <PlainValue field={field} operator={p.operator} value={p.value as Value} set={p.handleOnChange} disabled={p.disabled} />;
}

function SpecialEditor({ catalogue, ...p }: ValueEditorProps & { catalogue: Catalogue }) {
  const { t, code } = useSpeech();
  const set = p.handleOnChange;
  const value = (typeof p.value === 'object' && p.value !== null ? p.value : {}) as Record<string, unknown>;
  const change = (part: Record<string, unknown>) => set({ ...value, ...part });
  const choose = (name: string, family: string, options: string[], optional = false) => (
    <Select key={name} aria-label={code('part_of_rule', name)} placeholder={code('part_of_rule', name)} size="xs" w={160} searchable
      data={options.map((one) => ({ value: one, label: code(family, one) }))} value={(value[name] as string | undefined) ?? null}
      allowDeselect={optional} disabled={p.disabled} onChange={(one) => change({ [name]: one ?? undefined })} />
  );
  const days = (name: string) => (
    <NumberInput key={name} aria-label={code('part_of_rule', name)} placeholder={code('part_of_rule', name)} size="xs" w={120} min={0} suffix={` ${t('builder.days')}`}
      value={(value[name] as number | undefined) ?? ''} disabled={p.disabled} onChange={(one) => change({ [name]: one === '' ? undefined : Number(one) })} />
  );
  switch (p.field) {
    case 'segment':
      return <Select aria-label={t('campaign.segment')} size="xs" w={220} searchable allowDeselect={false} data={catalogue.segments} value={p.value ? String(p.value) : null} disabled={p.disabled} onChange={(one) => one && set(one)} />;
    case 'contact':
      return <Group gap={6}>{choose('channel', 'channel', CHANNELS)}
        <Checkbox size="xs" label={t('builder.verified')} checked={value.verified === true} disabled={p.disabled} onChange={(event) => change({ verified: event.currentTarget.checked || undefined })} /></Group>;
    case 'consent':
      return <Group gap={6}>{choose('channel', 'channel', CHANNELS)}{choose('purpose', 'purpose', PURPOSES)}
        <Checkbox size="xs" label={t('builder.granted')} checked={value.granted !== false} disabled={p.disabled} onChange={(event) => change({ granted: event.currentTarget.checked })} /></Group>;
    case 'received': return <Group gap={6}>{choose('campaign', 'none', catalogue.campaigns)}{days('within_days')}</Group>;
    case 'responded': return <Group gap={6}>{choose('campaign', 'none', catalogue.campaigns)}{days('within_days')}</Group>;
    case 'relation': return <Group gap={6}>{choose('kind', 'value', catalogue.relation_kinds)}{choose('segment', 'none', catalogue.segments, true)}</Group>;
    case 'random':
      return (
        <Group gap={6}>
          <NumberInput aria-label={t('builder.percent')} size="xs" w={90} min={0} max={100} decimalScale={2} suffix=" %" value={value.percent as number} disabled={p.disabled} onChange={(one) => change({ percent: Number(one) })} />
          <TextInput aria-label={t('builder.salt')} size="xs" w={130} value={String(value.salt ?? '')} disabled={p.disabled} onChange={(event) => change({ salt: event.currentTarget.value })} />
        </Group>
      );
    case 'anniversary': return <Anniversary value={value} change={change} disabled={p.disabled} />;
    default: return <ContractEditor value={value} change={change} catalogue={catalogue} disabled={p.disabled} />;
  }
}

function Anniversary({ value, change, disabled }: { value: Record<string, unknown>; change: (part: Record<string, unknown>) => void; disabled?: boolean }) {
  const { t } = useSpeech();
  const given = value.in_days;
  if (Array.isArray(given))
    return <TagsInput aria-label={t('builder.inDays')} size="xs" miw={200} value={given.map(String)} disabled={disabled} onChange={(list) => change({ in_days: list.map(Number).filter(Number.isFinite) })} />;
  const range = typeof given === 'object' && given !== null ? (given as { from?: number; to?: number }) : { from: given as number, to: given as number };
  const put = (from: number, to: number) => change({ in_days: from === to ? from : { from, to } });
  return (
    <Group gap={4}>
      <NumberInput aria-label={t('builder.from')} size="xs" w={120} min={0} max={366} prefix={`${t('builder.fromDay')} `} value={range.from ?? 0} disabled={disabled} onChange={(one) => put(Number(one), Math.max(Number(one), range.to ?? 0))} />
      <NumberInput aria-label={t('builder.to')} size="xs" w={120} min={0} max={366} prefix={`${t('builder.toDay')} `} value={range.to ?? 0} disabled={disabled} onChange={(one) => put(Math.min(range.from ?? 0, Number(one)), Number(one))} />
    </Group>
  );
}
