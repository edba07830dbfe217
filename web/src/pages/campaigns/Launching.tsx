// A launch that is not in force yet: how long it can be undone, and the way back.
import { Alert, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { Problem } from '../../ui/Page';

addWords(launch);

const TICK_MS = 250;

// Milliseconds the server's clock is ahead of this one, which may be wrong. Launches wait by the clock on its wall, also where
// campaigns live in another time.
function useClockDifference(name: string): number | undefined {
  return useQuery({
    queryKey: ['clock', name],
    queryFn: async () => new Date((await call('get', '/campaigns/{name}', { path: { name } })).at).getTime() - Date.now(),
    staleTime: Infinity,
    gcTime: 0,
  }).data;
}

// Seconds until the moment on the server's clock; nothing until that is known.
function useCountdown(name: string, at: string): number | undefined {
  const ahead = useClockDifference(name);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return ahead === undefined ? undefined : Math.max(0, Math.ceil((new Date(at).getTime() - now - ahead) / 1000));
}

export function Launching({ campaign, at }: { campaign: Schemas['Campaign']; at: string }) {
  const { t } = useSpeech();
  const format = useFormat();
  const left = useCountdown(campaign.name, at);
  const undo = useAct(async () => {
    await call('post', '/campaigns/{name}/start/undo', { path: { name: campaign.name }, key: newKey() });
    notifications.show({ message: t('launch.undone'), color: 'green' });
  });
  return (
    <Alert color="blue" icon={<IconRocket aria-hidden />} data-testid="launching"
      title={left === 0 ? t('launch.soon') : t('launch.waits', { time: left === undefined ? '…' : format.duration(left) })}>
      <Group gap="sm">
        <Text size="sm">{t('launch.waitsText')}</Text>
        {campaign.actions.includes('undo_start') && <Button size="xs" color="orange" loading={undo.isPending} onClick={() => undo.mutate(undefined)}>{t('launch.undo')}</Button>}
      </Group>
      {undo.error ? <Problem error={undo.error} /> : null}
    </Alert>
  );
}
