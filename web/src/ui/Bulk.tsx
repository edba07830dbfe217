// One thing done with many rows of a table: says first with how many, afterwards with how many it was and why not the others.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useAct } from '../api/hooks';
import { addWords, useSpeech } from '../i18n';
import { lists } from '../i18n/words/lists';
import { Ask, Say } from './Ask';

addWords(lists);

export interface BulkAction<T> {
  name: string;
  label: string;
  text: string; // what will happen
  color?: string;
  can: (row: T) => boolean;
  act: (row: T) => Promise<unknown>;
}

export function Bulk<T>({ rows, actions, clear }: { rows: T[]; actions: BulkAction<T>[]; clear: () => void }) {
  const { t } = useSpeech();
  const [asked, setAsked] = useState<BulkAction<T>>();
  const fit = asked ? rows.filter(asked.can) : [];
  // One after the other: a row that is refused does not keep the others from it.
  const run = useAct(async (action: BulkAction<T>) => {
    const refusals: string[] = [];
    for (const row of fit)
      try {
        await action.act(row);
      } catch (error) {
        refusals.push(error instanceof Error ? error.message : String(error));
      }
    const done = fit.length - refusals.length;
    if (done > 0) notifications.show({ message: t('bulk.done', { n: done }), color: 'green' });
    if (refusals.length > 0) notifications.show({ message: t('bulk.refused', { n: refusals.length, why: [...new Set(refusals)].join(' ') }), color: 'orange', autoClose: false });
    clear();
  });
  return (
    <Group gap="xs" mb="xs" data-testid="bulk">
      <Text size="sm" fw={600} role="status">{t('bulk.selected', { n: rows.length })}</Text>
      {actions.map((action) => (
        <Button key={action.name} size="compact-sm" variant="light" color={action.color} disabled={!rows.some(action.can)} onClick={() => setAsked(action)}>{action.label}</Button>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={clear}>{t('bulk.clear')}</Button>
      {asked && (
        <Ask opened close={() => setAsked(undefined)} title={t('bulk.ask', { action: asked.label, n: fit.length, of: rows.length })} action={asked.label} color={asked.color} act={() => run.mutateAsync(asked)}>
          <Say>{asked.text}</Say>
          {fit.length < rows.length && <Say>{t('bulk.rest')}</Say>}
        </Ask>
      )}
    </Group>
  );
}
