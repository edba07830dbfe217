// One campaign: what it is, what may be done with it now, how it goes and what it brought.
import { Alert, Button, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconEdit } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { CampaignState } from '../../ui/Marks';
import { Asked, Page } from '../../ui/Page';
import { Actions } from './Actions';
import { Approval } from './Approval';
import { Checks } from './Checks';
import { Duplicate } from './Duplicate';
import { Failing, Failures } from './Failures';
import { Launching } from './Launching';
import { Overview } from './Overview';
import { Progress } from './Progress';
import { Reschedule } from './Reschedule';
import { Rest } from './Rest';
import { Report } from '../reports/CampaignReport';

type Data = Schemas['Campaign'];
const EVERY_MS = 5_000;
const LAUNCHING_MS = 1_000;
const STARTED = ['running', 'paused', 'cancelled', 'past'];

function Content({ campaign, tab }: { campaign: Data; tab: string }) {
  const { t } = useSpeech();
  const go = useNavigate();
  const may = useMay();
  const started = STARTED.includes(campaign.state);
  const tabs = [
    { value: 'overview', shown: true, panel: <Overview campaign={campaign} /> },
    { value: 'checks', shown: !started, panel: <Checks name={campaign.name} /> },
    { value: 'approval', shown: !started || campaign.approved_hash !== '', panel: <Approval campaign={campaign} /> },
    { value: 'progress', shown: started, panel: <Progress name={campaign.name} /> },
    { value: 'failures', shown: started, panel: <Failures name={campaign.name} /> },
    { value: 'report', shown: started && may('reports.see'), panel: <Report name={campaign.name} /> },
  ] as const;
  // A tab that a link or a launch taken back leads to may not be there.
  const shown = tabs.filter((one) => one.shown);
  const open = shown.find((one) => one.value === tab)?.value ?? 'overview';
  return (
    <>
      {campaign.takes_effect_at && <Launching campaign={campaign} at={campaign.takes_effect_at} />}
      {campaign.state_reason && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t(campaign.state === 'draft' ? 'campaign.comment' : 'campaign.why')}>
          <Text size="sm">{campaign.state_reason}</Text>
          {campaign.state === 'paused' && open !== 'failures' && <Failing name={campaign.name} />}
        </Alert>
      )}
      <Tabs value={open} onChange={(value) => void go(value === 'overview' ? `/campaigns/${campaign.name}` : `/campaigns/${campaign.name}/${value}`)} keepMounted={false}>
        <Tabs.List mb="md">
          {shown.map((one) => <Tabs.Tab key={one.value} value={one.value}>{t(`campaign.${one.value}`)}</Tabs.Tab>)}
        </Tabs.List>
        {shown.map((one) => <Tabs.Panel key={one.value} value={one.value}>{one.panel}</Tabs.Panel>)}
      </Tabs>
    </>
  );
}

export default function Campaign() {
  const { t } = useSpeech();
  const may = useMay();
  const { name = '', tab = 'overview' } = useParams();
  const [launching, setLaunching] = useState(false);
  const campaign = useAsk('/campaigns/{name}', { path: { name } }, { every: launching ? LAUNCHING_MS : EVERY_MS });
  const data = campaign.data;
  if (data && Boolean(data.takes_effect_at) !== launching) setLaunching(Boolean(data.takes_effect_at));
  return (
    <Page title={data?.title || name} above={{ to: '/campaigns', label: t('nav.campaigns') }} badge={data && <CampaignState state={data.state} />}
      actions={data && (
        <>
          {may('campaigns.edit') && <Duplicate name={name} />}
          {may('campaigns.edit') && may('segments.edit') && <Rest campaign={data} />}
          {may('campaigns.edit') && <Reschedule key={campaign.etag} campaign={data} etag={campaign.etag} />}
          {data.actions.includes('edit') && (
            <Button component={Link} to={`/campaigns/${name}/edit`} variant="default" size="xs" leftSection={<IconEdit size={14} aria-hidden />}>{t('campaign.edit')}</Button>
          )}
          <Actions campaign={data} />
        </>
      )}>
      <Asked query={campaign}>{(loaded) => <Content campaign={loaded} tab={tab} />}</Asked>
    </Page>
  );
}
