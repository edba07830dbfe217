// Another day or time, from the campaign's own page, also for what waits for approval or for its launch.
import { Button, Group, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCalendarEvent } from '@tabler/icons-react';
import { useState } from 'react';
import { call, type Schemas } from '../../api/client';
import { useAct } from '../../api/hooks';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { Ask, Say } from '../../ui/Ask';
import { definitionOf } from './definition';
import { movable, moved } from './schedule';

addWords(launch);

export function Reschedule({ campaign, etag }: { campaign: Schemas['Campaign']; etag: string }) {
  const { t } = useSpeech();
  const definition = definitionOf(campaign.definition);
  const now = movable(definition.schedule);
  const [opened, setOpened] = useState(false);
  const [day, setDay] = useState('');
  const [time, setTime] = useState('');
  const move = useAct(async () => {
    await call('put', '/campaigns/{name}', { path: { name: campaign.name }, body: { ...definition, schedule: moved(definition.schedule ?? {}, day, time) }, etag });
    notifications.show({ message: t('move.done'), color: 'green' });
  });
  if (!now || !campaign.actions.includes('edit')) return null;
  const open = () => {
    setDay(now.day);
    setTime(now.time);
    setOpened(true);
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconCalendarEvent size={14} aria-hidden />} onClick={open}>{t('move.open')}</Button>
      <Ask opened={opened} close={() => setOpened(false)} title={t('move.title')} action={t('move.open')} act={() => move.mutateAsync(undefined)}>
        <Say>{t(campaign.state === 'draft' ? 'move.text' : 'move.approved')}</Say>
        <Group>
          <TextInput size="xs" type="date" required label={t(definition.schedule?.recurring ? 'move.first' : 'move.day')} value={day} onChange={(event) => setDay(event.currentTarget.value)} />
          <TextInput size="xs" type="time" required label={t('move.time')} value={time} onChange={(event) => setTime(event.currentTarget.value)} />
        </Group>
      </Ask>
    </>
  );
}
