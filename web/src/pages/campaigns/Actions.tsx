// Submit, start, pause, resume, stop: each dialog says what will happen. Approving is on the tab with the content.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { Ask, Say } from '../../ui/Ask';

type Act = 'submit' | 'start' | 'pause' | 'resume' | 'cancel';
const ORDER: Act[] = ['submit', 'start', 'resume', 'pause', 'cancel'];
const COLOUR: Record<Act, string | undefined> = { submit: undefined, start: 'green', resume: 'green', pause: 'orange', cancel: 'red' };
const WITH_REASON: Act[] = ['pause', 'cancel'];

export function Actions({ campaign }: { campaign: Schemas['Campaign'] }) {
  const { t } = useSpeech();
  const go = useNavigate();
  const [asked, setAsked] = useState<Act>();
  const { name } = campaign;
  const move = useAct(async ({ act, reason }: { act: Act; reason: string }) => {
    const options = { path: { name }, key: newKey() };
    const body = reason ? { reason } : {};
    if (act === 'submit') await call('post', '/campaigns/{name}/submit', options);
    if (act === 'start') await call('post', '/campaigns/{name}/start', options);
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
          {asked === 'start' ? <BeforeStart name={name} /> : asked === 'submit' ? <Say>{t('ask.submitText')}</Say> : <BeforeStop name={name} act={asked} />}
        </Ask>
      )}
    </>
  );
}

// The numbers of each channel, as the forecast has them.
function BeforeStart({ name }: { name: string }) {
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
    </>
  );
}

function BeforeStop({ name, act }: { name: string; act: 'pause' | 'resume' | 'cancel' }) {
  const { t } = useSpeech();
  const progress = useAsk('/campaigns/{name}/progress', { path: { name } }).data;
  const values = { sent: progress?.sent ?? 0, open: progress?.open ?? 0 };
  return <Say>{t(`ask.${act}Text`, values)}</Say>;
}
