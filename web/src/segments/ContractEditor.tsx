// "A loan with 30 days overdue or more": the kind of contract, conditions on its fields, how many there must be.
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useSpeech } from '../i18n';
import type { Catalogue } from './catalogue';
import { PlainValue } from './PlainValue';
import { WITHOUT_VALUE, type Value } from './tree';

interface Condition { field: string; op: string; value?: Value }
interface Props {
  value: Record<string, unknown>;
  change: (part: Record<string, unknown>) => void;
  catalogue: Catalogue;
  disabled?: boolean;
}

export function ContractEditor({ value, change, catalogue, disabled }: Props) {
  const { t, code } = useSpeech();
  const where = (value.where ?? []) as Condition[];
  const count = value.count as { op: string; value: number } | undefined;
  const sum = value.sum as { field: string; op: string; value: unknown } | undefined;
  const put = (list: Condition[]) => change({ where: list.length ? list : undefined });
  const operators = (field: string) => catalogue.operators[catalogue.contract.find((one) => one.name === field)?.type ?? 'text'] ?? [];
  const first = catalogue.contract[0]?.name ?? 'status';
  return (
    <Stack gap={6}>
      <Group gap={6}>
        <Select aria-label={t('builder.contractKind')} placeholder={t('common.any')} size="xs" w={130} clearable disabled={disabled} value={(value.kind as string | undefined) ?? null}
          clearButtonProps={{ 'aria-label': t('common.any') }} data={catalogue.contract_kinds.map((one) => ({ value: one, label: code('value', one) }))} onChange={(kind) => change({ kind: kind ?? undefined })} />
        <NumberInput aria-label={t('builder.atLeast')} size="xs" w={130} min={0} prefix={`${code('op', count?.op ?? '>=')} `} suffix={` ${t('builder.contracts')}`} disabled={disabled}
          value={count?.value ?? 1} onChange={(one) => change({ count: Number(one) === 1 && !count ? undefined : { op: count?.op ?? '>=', value: Number(one) } })} />
        {sum && <Text size="xs">{t('builder.sum')}: {code('field', sum.field)} {code('op', sum.op)} {String(sum.value)}</Text>}
        <Button size="compact-xs" variant="subtle" disabled={disabled} onClick={() => put([...where, { field: first, op: operators(first)[0] ?? 'is', value: '' }])}>{t('builder.addCondition')}</Button>
      </Group>
      {where.map((one, at) => {
        const set = (part: Partial<Condition>) => put(where.map((old, index) => (index === at ? { ...old, ...part } : old)));
        const setOperator = (op: string) => set({ op, value: WITHOUT_VALUE.includes(op) ? undefined : op === 'between' ? ['', ''] : ['in', 'not_in'].includes(op) ? [] : '' });
        return (
          <Group key={at} gap={6} pl="sm">
            <Select aria-label={t('builder.field')} size="xs" w={170} searchable allowDeselect={false} disabled={disabled} value={one.field} data={catalogue.contract.map(({ name }) => ({ value: name, label: code('field', name) }))}
              onChange={(field) => field && set({ field, op: operators(field)[0] ?? 'is', value: '' })} />
            <Select aria-label={t('builder.operator')} size="xs" w={120} allowDeselect={false} disabled={disabled} value={one.op} data={operators(one.field).map((op) => ({ value: op, label: code('op', op) }))} onChange={(op) => op && setOperator(op)} />
            <PlainValue field={catalogue.contract.find(({ name }) => name === one.field)} operator={one.op} value={one.value} disabled={disabled} set={(next) => set({ value: next })} />
            <ActionIcon size="sm" variant="subtle" color="red" aria-label={t('builder.remove')} disabled={disabled} onClick={() => put(where.filter((_, index) => index !== at))}><IconTrash size={15} aria-hidden /></ActionIcon>
          </Group>
        );
      })}
    </Stack>
  );
}
