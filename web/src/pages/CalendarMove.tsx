// Moving asks first where it costs more than the day itself: an approval, a launch that waits, the days of what repeats.
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { call } from '../api/client';
import { useAct } from '../api/hooks';
import { useFormat } from '../format';
import { addWords, useSpeech } from '../i18n';
import { launch } from '../i18n/words/launch';
import { Ask, Say } from '../ui/Ask';
import type { Item } from './CalendarEntry';
import { definitionOf } from './campaigns/definition';
import { moved } from './campaigns/schedule';

addWords(launch);

interface Move { item: Item; to: string }

// Only a draft is moved by itself; anything else is edited, which makes it one again.
async function carryOut({ item, to }: Move) {
  const path = { name: item.campaign };
  if (item.state === 'draft') return void (await call('post', '/campaigns/{name}/move', { path, body: { date: to } }));
  const { data, etag } = await call('get', '/campaigns/{name}', { path });
  const definition = definitionOf(data.definition);
  await call('put', '/campaigns/{name}', { path, body: { ...definition, schedule: moved(definition.schedule ?? {}, to) }, etag });
}

export function useMoving() {
  const { t } = useSpeech();
  const format = useFormat();
  const [asked, setAsked] = useState<Move>();
  const act = useAct(async (move: Move) => {
    await carryOut(move);
    notifications.show({ message: t('calendar.moved', { title: move.item.title || move.item.campaign, date: format.date(move.to) }), color: 'green' });
  });
  const move = (item: Item, to: string) => {
    if (item.state === 'draft' && item.moves === 'day') act.mutate({ item, to });
    else setAsked({ item, to });
  };
  const values = asked && { title: asked.item.title || asked.item.campaign, from: format.date(asked.item.day), date: format.date(asked.to) };
  const dialog = asked && (
    <Ask opened close={() => setAsked(undefined)} title={t('move.title')} action={t('move.open')} act={() => act.mutateAsync(asked)}>
      <Say>{t('calendar.askMove', values)}</Say>
      {asked.item.moves === 'first_day' && <Say>{t('calendar.askFirst', values)}</Say>}
      {asked.item.state !== 'draft' && <Say>{t('move.approved')}</Say>}
    </Ask>
  );
  return { move, dialog, error: asked ? undefined : act.error };
}
