// Submit, start, pause, resume, stop: each dialog says what will happen. Approving is on the tab with the content.
import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate } from 'react-router';
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

// The numbers of each channel, as the forecast has them.
function BeforeStart({ name, undoFor, setUndoFor }: { name: string; undoFor: Undo; setUndoFor: (seconds: Undo) => void }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const [forecast, setForecast] = useState<Schemas['Forecast']>();
  const [asked, setAsked] = useState(false);
  if (!asked) {
    setAsked(true);
    void call('post', '/campaigns/{name}/simulate', { path: { name }, body: { sample: 0 } })
      .then(({ data }) => setForecast(data)).catch(() => undefined);
  }
  return (
    <>
      <Say>{t('ask.startText')}</Say>
      {forecast?.predictable && (
        <Say>
          {t('ask.startCount', { n: forecast.messages ?? 0 })}{' '}
          {(forecast.channels ?? []).map((one) => `${code('channel', one.channel)}: ${format.number(one.messages)}`).join('; ')}
          {forecast.cost && <>. {t('forecast.cost')}: {format.money(forecast.cost)}</>}
        </Say>
      )}
      {forecast && !forecast.predictable && <Say>{t('forecast.events')}</Say>}
      <Select size="xs" mb="xs" label={t('launch.undoFor')} allowDeselect={false} value={undoFor} data={UNDO.map((value) => ({ value, label: t(`launch.undo${value}`) }))} onChange={(value) => value && setUndoFor(value as Undo)} />
    </>
  );
}

function BeforeStop({ name, act }: { name: string; act: 'pause' | 'resume' | 'cancel' }) {
  const { t } = useSpeech();
  const progress = useAsk('/campaigns/{name}/progress', { path: { name } }).data;
  const values = { sent: progress?.sent ?? 0, open: progress?.open ?? 0 };
  return <Say>{t(`ask.${act}Text`, values)}</Say>;
}
