// One campaign in the calendar: a link; what can be moved is dragged to another day or carried there with the arrow keys.
import { Anchor, Text } from '@mantine/core';
import { useState, type DragEvent, type KeyboardEvent } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { useMay } from '../app/session';
import { useFormat } from '../format';
import { useSpeech } from '../i18n';
import { dayAfter } from './calendar-days';

export type Item = Schemas['Calendar']['items'][number];
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

// What is being moved and where it would go; `said` is for those who do not see it.
// `first`: nothing is moved to days before it.
export function useMoves(move: (item: Item, to: string) => void, first: string) {
  const { t } = useSpeech();
  const format = useFormat();
  const may = useMay();
  const [carried, setCarried] = useState<{ item: Item; to: string }>();
  const [said, setSaid] = useState('');
  const drop = (to: string) => {
    const isOver = to < first;
    if (carried && to !== carried.item.day && !isOver) move(carried.item, to);
    setCarried(undefined);
    setSaid(carried && isOver ? t('calendar.over', { date: format.date(to) }) : '');
  };
  const press = (item: Item, event: KeyboardEvent) => {
    const to = carried?.item === item ? carried.to : item.day;
    const step = STEPS[event.key];
    if (step && may('campaigns.edit')) {
      event.preventDefault();
      if (!item.moves) return setSaid(t('calendar.fixed', { title: item.title || item.campaign }));
      setCarried({ item, to: dayAfter(to, step) });
      setSaid(t('calendar.moveTo', { title: item.title || item.campaign, date: format.date(dayAfter(to, step)) }));
    } else if (event.key === 'Enter' && carried) {
      event.preventDefault();
      drop(carried.to);
    } else if (event.key === 'Escape' && carried) {
      setCarried(undefined);
      setSaid(t('calendar.back'));
    }
  };
  return {
    said,
    aim: carried?.to,
    press,
    movable: (item: Item) => item.moves !== null && may('campaigns.edit'),
    lift: (item: Item) => setCarried({ item, to: item.day }),
    target: (day: string) => ({
      onDragOver: (event: DragEvent) => { if (carried) { event.preventDefault(); if (carried.to !== day) setCarried({ ...carried, to: day }); } },
      onDrop: (event: DragEvent) => { event.preventDefault(); drop(day); },
    }),
    release: () => setCarried(undefined),
  };
}
export type Moves = ReturnType<typeof useMoves>;

// `twice`: what it collides with on that day, in words.
export function Entry({ item, moves, whole, twice }: { item: Item; moves: Moves; whole: boolean; twice: string[] }) {
  const { t, code } = useSpeech();
  const movable = moves.movable(item);
  return (
    <Anchor component={Link} to={`/campaigns/${item.campaign}`} size="xs" display="block" truncate={!whole} title={[`${item.title || item.campaign}, ${code('state', item.state)}`, ...twice].join('\n')}
      draggable={movable} style={movable ? { cursor: 'grab' } : undefined} data-campaign={item.campaign}
      onDragStart={(event: DragEvent) => { event.dataTransfer.setData('text/plain', item.campaign); event.dataTransfer.effectAllowed = 'move'; moves.lift(item); }}
      onDragEnd={moves.release} onKeyDown={(event: KeyboardEvent) => moves.press(item, event)}>
      {movable && <span aria-hidden>⠿ </span>}{twice.length > 0 && <span role="img" aria-label={t('calendar.conflict')}>⚠ </span>}{item.time} {item.title || item.campaign}
      {whole && <Text size="xs" c="dimmed">{code('state', item.state)} · {item.segment}</Text>}
      {whole && twice.map((line) => <Text key={line} size="xs" c="var(--mantine-color-text)">{line}</Text>)}
    </Anchor>
  );
}
