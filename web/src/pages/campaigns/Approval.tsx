// What is to be approved and what it stands on. The decision binds the hash that is shown.
import { Alert, Anchor, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useSession } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Ask, Say } from '../../ui/Ask';
import { Section } from '../../ui/Page';
import { Changes } from './Changes';

const text = (value: unknown) => JSON.stringify(value, null, 2);

const PAGES: Record<string, string> = { segment: '/segments', template: '/templates' };

// Where it can be looked at as its readers will see it.
function PartName({ kind, name }: { kind: string; name: string }) {
  const page = PAGES[kind];
  return page ? <Anchor component={Link} size="sm" to={`${page}/${name}`}>{name}</Anchor> : <>{name}</>;
}

export function Approval({ campaign }: { campaign: Schemas['Campaign'] }) {
  const { t, code } = useSpeech();
  const { session } = useSession();
  const [asked, setAsked] = useState<'approve' | 'reject'>();
  const { name, hash } = campaign;
  const decide = useAct(async ({ approve, comment }: { approve: boolean; comment: string }) => {
    if (approve) await call('post', '/campaigns/{name}/approve', { path: { name }, body: { hash }, key: newKey() });
    else await call('post', '/campaigns/{name}/reject', { path: { name }, body: { comment }, key: newKey() });
    notifications.show({ message: t(approve ? 'did.approve' : 'did.reject'), color: 'green' });
  });
  const waits = campaign.state === 'submitted';
  const own = [campaign.edited_by, campaign.submitted_by].includes(session.user);
  return (
    <Stack>
      {waits && own && <Alert color="blue" title={t('approval.own')}>{t('approval.ownText')}</Alert>}
      {waits && !own && (
        <Group>
          {campaign.actions.includes('approve') && <Button color="green" size="xs" onClick={() => setAsked('approve')}>{t('act.approve')}</Button>}
          {campaign.actions.includes('reject') && <Button color="orange" variant="light" size="xs" onClick={() => setAsked('reject')}>{t('act.reject')}</Button>}
        </Group>
      )}
      <Text size="sm">{t('approval.hash')} <Code>{hash.slice(0, 12)}</Code>{campaign.approved_hash && campaign.approved_hash === hash && <> · {t('approval.same', { who: campaign.approved_by })}</>}</Text>
      <Section title={t('approval.content')}>
        <Changes name={name} />
        <details style={{ marginTop: 12 }}>
          <summary>{t('change.whole')}</summary>
          <Code block tabIndex={0} aria-label={t('change.whole')} mah={420} style={{ overflow: 'auto' }}>{text(campaign.definition)}</Code>
        </details>
      </Section>
      <Section title={t('approval.parts')}>
        <Table fz="sm" aria-label={t('approval.parts')}>
          <Table.Thead><Table.Tr><Table.Th>{t('approval.kind')}</Table.Th><Table.Th>{t('common.name')}</Table.Th><Table.Th ta="right">{t('common.version')}</Table.Th><Table.Th>{t('approval.print')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {campaign.parts.map((part) => (
              <Table.Tr key={`${part.kind} ${part.name}`}><Table.Td>{code('part', part.kind)}</Table.Td><Table.Td><PartName {...part} /></Table.Td><Table.Td ta="right">{part.version}</Table.Td><Table.Td><Code>{part.hash.slice(0, 12)}</Code></Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
      <Ask opened={asked === 'approve'} close={() => setAsked(undefined)} title={t('ask.approve')} action={t('act.approve')} color="green"
        act={() => decide.mutateAsync({ approve: true, comment: '' })}><Say>{t('ask.approveText')}</Say></Ask>
      <Ask opened={asked === 'reject'} close={() => setAsked(undefined)} title={t('ask.reject')} action={t('act.reject')} color="orange"
        comment={{ label: t('approval.comment'), required: true }}
        act={(comment) => decide.mutateAsync({ approve: false, comment })}><Say>{t('ask.rejectText')}</Say></Ask>
    </Stack>
  );
}
