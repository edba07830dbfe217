// Submit, start, pause, resume, stop: each dialog says what will happen. Approving is on the tab with the content.
import { Anchor, Button, Select, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { Ask, Say } from '../../ui/Ask';

addWords(launch);

type Act = 'submit' | 'start' | 'pause' | 'resume' | 'cancel';
const ORDER: Act[] = ['submit', 'start', 'resume', 'pause', 'cancel'];
const COLOUR: Record<Act, string | undefined> = { submit: undefined, start: 'green', resume: 'green', pause: 'orange', cancel: 'red' };
const UNDO = ['30', '60', '0'] as const; // seconds in which a launch can be undone
type Undo = (typeof UNDO)[number];
const WITH_REASON: Act[] = ['pause', 'cancel'];

export function Actions({ campaign }: { campaign: Schemas['Campaign'] }) {
  const { t } = useSpeech();
  const go = useNavigate();
  const [asked, setAsked] = useState<Act>();
  const [undoFor, setUndoFor] = useState<Undo>('30');
  const { name } = campaign;
  const move = useAct(async ({ act, reason }: { act: Act; reason: string }) => {
    const options = { path: { name }, key: newKey() };
    const body = reason ? { reason } : {};
    if (act === 'submit') await call('post', '/campaigns/{name}/submit', options);
    if (act === 'start') {
      const { data } = await call('post', '/campaigns/{name}/start', { ...options, body: { undo_seconds: Number(undoFor) } });
      if (data.takes_effect_at) {
        notifications.show({ message: t('did.startLater'), color: 'blue' });
        return;
      }
    }
    if (act === 'resume') await call('post', '/campaigns/{name}/resume', options);
    if (act === 'pause') await call('post', '/campaigns/{name}/pause', { ...options, body });
    if (act === 'cancel') await call('post', '/campaigns/{name}/cancel', { ...options, body });
    notifications.show({ message: t(`did.${act}`), color: 'green' });
    if (act === 'start' || act === 'resume') void go(`/campaigns/${name}/progress`);
  });
  return (
    <>
      {ORDER.filter((act) => campaign.actions.includes(act)).map((act) => (
        <Button key={act} size="xs" color={COLOUR[act]} variant={act === 'cancel' ? 'light' : 'filled'} onClick={() => setAsked(act)}>
          {t(`act.${act}`)}
        </Button>
      ))}
      {asked && (
        <Ask opened close={() => setAsked(undefined)} title={t(`ask.${asked}`)} action={t(`act.${asked}`)} color={COLOUR[asked]}
          typed={asked === 'start' || asked === 'cancel' ? name : undefined}
          comment={WITH_REASON.includes(asked) ? { label: t('common.reason'), required: asked === 'pause' } : undefined}
          act={(reason) => move.mutateAsync({ act: asked, reason })}>
          {asked === 'start' ? <BeforeStart name={name} undoFor={undoFor} setUndoFor={setUndoFor} /> : asked === 'submit' ? <Say>{t('ask.submitText')}</Say> : <BeforeStop name={name} act={asked} />}
        </Ask>
      )}
    </>
  );
}

// The numbers of each channel, what can still be taken back, and whether anything deserves a look first.
function BeforeStart({ name, undoFor, setUndoFor }: { name: string; undoFor: Undo; setUndoFor: (seconds: Undo) => void }) {
  const { t } = useSpeech();
  const preflight = useAsk('/campaigns/{name}/preflight', { path: { name } });
  const forecast = useQuery({
    queryKey: ['simulate', name, 'launch'],
    queryFn: async ({ signal }) => (await call('post', '/campaigns/{name}/simulate', { path: { name }, body: { sample: 0 }, signal })).data,
  });
  const data = forecast.data;
  const doubtful = (preflight.data?.items ?? []).filter((one) => one.result !== 'ok').length;
  return (
    <>
      <Say>{t('ask.startText')}</Say>
      {!data && !forecast.error && <Say>{t('launch.counting')}</Say>}
      {data?.predictable && <ByChannel data={data} />}
      {data && !data.predictable && <Say>{t('forecast.events')}</Say>}
      {doubtful > 0 && (
        <Text size="sm" mb="xs" c="var(--mantine-color-orange-text)">{t('checks.warnings', { n: doubtful })}: <Anchor component={Link} size="sm" underline="always" to={`/campaigns/${name}/checks`}>{t('checks.title')}</Anchor></Text>
      )}
      {(preflight.data?.items ?? []).filter((one) => one.check === 'recall').map((one) => <Say key={one.place}>{one.detail.charAt(0).toUpperCase() + one.detail.slice(1)}.</Say>)}
      <Select size="xs" mb="xs" label={t('launch.undoFor')} description={t('launch.undoText')} allowDeselect={false} value={undoFor} data={UNDO.map((value) => ({ value, label: t(`launch.undo${value}`) }))} onChange={(value) => value && setUndoFor(value as Undo)} />
    </>
  );
}

function ByChannel({ data }: { data: Schemas['Forecast'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const channels = data.channels ?? [];
  return (
    <>
      <Say>{t('ask.startCount', { n: data.messages ?? 0 })}{data.seconds != null && <> {t('forecast.time')}: {format.duration(data.seconds)}.</>}</Say>
      {channels.length > 0 && (
        <Table fz="sm" mb="xs" aria-label={t('progress.byChannel')} data-testid="launch-channels">
          <Table.Thead><Table.Tr><Table.Th>{t('common.channel')}</Table.Th><Table.Th ta="right">{t('launch.messages')}</Table.Th><Table.Th ta="right">{t('forecast.cost')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {channels.map((one) => (
              <Table.Tr key={one.channel}><Table.Td>{code('channel', one.channel)}</Table.Td><Table.Td ta="right">{format.number(one.messages)}</Table.Td><Table.Td ta="right">{format.money(one.cost)}</Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
          {channels.length > 1 && (
            <Table.Tfoot><Table.Tr><Table.Th>{t('launch.all')}</Table.Th><Table.Th ta="right">{format.number(data.messages ?? 0)}</Table.Th><Table.Th ta="right">{format.money(data.cost ?? '')}</Table.Th></Table.Tr></Table.Tfoot>
          )}
        </Table>
      )}
    </>
  );
}

function BeforeStop({ name, act }: { name: string; act: 'pause' | 'resume' | 'cancel' }) {
  const { t } = useSpeech();
  const progress = useAsk('/campaigns/{name}/progress', { path: { name } }).data;
  const values = { sent: progress?.sent ?? 0, open: progress?.open ?? 0 };
  return <Say>{t(`ask.${act}Text`, values)}</Say>;
}
