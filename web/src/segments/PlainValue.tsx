// A plain value of a rule, by the type of its field.
import { Group, MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useSpeech } from '../i18n';
import { LISTS, type Field } from './catalogue';
import { WITHOUT_VALUE, type Value } from './tree';

const NUMBERS = ['age', 'days', 'money', 'number'];

interface PlainProps {
  field: Field | undefined;
  operator: string;
  value: Value | undefined;
  set: (value: Value) => void;
  disabled?: boolean;
}

export function PlainValue({ field, operator, value, set, disabled }: PlainProps) {
  const { t, code } = useSpeech();
  if (WITHOUT_VALUE.includes(operator)) return null;
  const label = t('builder.value');
  const choices = field?.choices?.map((one) => ({ value: one, label: code('value', one) }));
  if (LISTS.includes(operator)) {
    const list = Array.isArray(value) ? value.map(String) : [];
    return choices
      ? <MultiSelect aria-label={label} size="xs" miw={220} data={choices} value={list} disabled={disabled} onChange={set} />
      : <TagsInput aria-label={label} size="xs" miw={220} value={list} disabled={disabled} placeholder={t('builder.list')}
          onChange={(texts) => set(NUMBERS.includes(field?.type ?? '') ? texts.map(Number).filter(Number.isFinite) : texts)} />;
  }
  if (operator === 'between') {
    const [low = '', high = ''] = Array.isArray(value) ? value : [];
    return (
      <Group gap={4}>
        <One field={field} value={low} label={t('builder.from')} set={(one) => set([one, high as string])} disabled={disabled} />
        <One field={field} value={high} label={t('builder.to')} set={(one) => set([low as string, one])} disabled={disabled} />
      </Group>
    );
  }
  if (choices)
    return <Select aria-label={label} size="xs" w={170} data={choices} value={String(value ?? '')} disabled={disabled} allowDeselect={false} onChange={(one) => one && set(one)} />;
  if (field?.type === 'flag')
    return <Switch aria-label={label} size="xs" checked={value === true} disabled={disabled} onChange={(event) => set(event.currentTarget.checked)} />;
  return <One field={field} value={Array.isArray(value) ? '' : (value ?? '')} label={label} set={set} disabled={disabled} />;
}

function One({ field, value, label, set, disabled }: { field: Field | undefined; value: string | number | boolean; label: string; set: (value: string | number) => void; disabled?: boolean }) {
  const { t } = useSpeech();
  if (NUMBERS.includes(field?.type ?? ''))
    return <NumberInput aria-label={label} size="xs" w={110} thousandSeparator=" " value={value as number} disabled={disabled} onChange={set} />;
  const date = field?.type === 'date' || field?.type === 'instant';
  return (
    <TextInput aria-label={label} size="xs" w={date ? 130 : 170} value={String(value)} disabled={disabled} placeholder={date ? t('builder.date') : undefined}
      onChange={(event) => set(event.currentTarget.value)} />
  );
}
