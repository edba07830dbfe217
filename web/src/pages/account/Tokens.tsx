// API tokens: made for a purpose, shown once, revoked for good.
import { Alert, Badge, Button, Code, CopyButton, Group, Modal, MultiSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { call, type Schemas } from '../../api/client';
import { useAct, usePages } from '../../api/hooks';
import { useSession, type Right } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Ask, Say } from '../../ui/Ask';
import { DataTable } from '../../ui/DataTable';
import { When } from '../../ui/Marks';
import { Empty, Problem, Section } from '../../ui/Page';

type Token = Schemas['Token'];
type Shown = Schemas['TokenShownOnce'];
const DAYS = 90;
const DAYS_MAX = 365;
const NEVER_A_SCOPE: Right[] = ['campaigns.approve'];

export function Tokens() {
  const { t } = useSpeech();
  const pages = usePages('/tokens');
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const [revoking, setRevoking] = useState<Token>();
  const revoke = useAct(async (id: number) => { await call('delete', '/tokens/{id}', { path: { id } }); });
  return (
    <Section title={t('tokens.title')} actions={<Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setMaking(true)}>{t('tokens.new')}</Button>}>
      <Text size="sm" mb="sm">{t('tokens.text')}</Text>
      {shown && <Once shown={shown} />}
      <DataTable label={t('tokens.title')} rows={pages.items} error={pages.error} id={(row) => row.id} turning={pages.turning} empty={<Empty title={t('tokens.none')} text={t('tokens.noneText')} />} columns={[
        { name: 'name', title: t('tokens.name'), order: (row) => row.name, cell: (row) => row.name },
        { name: 'owner', title: t('tokens.owner'), order: (row) => row.owner, cell: (row) => row.owner },
        { name: 'scopes', title: t('tokens.scopes'), cell: (row) => row.scopes.join(', ') },
        { name: 'state', title: t('common.state'), cell: (row) => <Standing token={row} /> },
        { name: 'expires', title: t('tokens.expires'), order: (row) => row.expires_at, cell: (row) => <When at={row.expires_at} /> },
        { name: 'used', title: t('tokens.used'), order: (row) => row.last_used_at ?? '', cell: (row) => (row.last_used_at ? <When at={row.last_used_at} /> : t('tokens.never')) },
        { name: 'do', title: t('common.actions'), cell: (row) => !row.revoked_at && <Button size="compact-xs" variant="default" onClick={() => setRevoking(row)}>{t('tokens.revoke')}</Button> },
      ]} />
      <Modal opened={making} onClose={() => setMaking(false)} title={t('tokens.new')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {making && <Make made={(token) => { setShown(token); setMaking(false); }} />}
      </Modal>
      <Ask opened={!!revoking} close={() => setRevoking(undefined)} title={t('tokens.revokeTitle', { name: revoking?.name ?? '' })} action={t('tokens.revoke')} color="red" act={() => revoke.mutateAsync(revoking!.id)}>
        <Say>{t('tokens.revokeText')}</Say>
      </Ask>
    </Section>
  );
}

function Standing({ token }: { token: Token }) {
  const { t } = useSpeech();
  const [now] = useState(Date.now);
  const state = token.revoked_at ? 'revoked' : new Date(token.expires_at).getTime() < now ? 'expired' : 'valid';
  return <Badge variant="light" color={state === 'valid' ? 'green' : 'gray'}>{t(`tokens.${state}`)}</Badge>;
}

function Once({ shown }: { shown: Shown }) {
  const { t } = useSpeech();
  return (
    <Alert color="green" mb="sm" title={t('tokens.once', { name: shown.token.name })} role="status">
      <Group gap="sm">
        <Code fz="sm" style={{ overflowWrap: 'anywhere' }} data-testid="token">{shown.secret}</Code>
        <CopyButton value={shown.secret}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{t(copied ? 'users.copied' : 'users.copy')}</Button>}</CopyButton>
      </Group>
      <Text size="sm" mt="xs">{t('tokens.onceText')}</Text>
    </Alert>
  );
}

function Make({ made }: { made: (shown: Shown) => void }) {
  const { t } = useSpeech();
  const { session } = useSession();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Right[]>([]);
  const [days, setDays] = useState<number | string>(DAYS);
  const add = useAct(async () => made((await call('post', '/tokens', { body: { name, scopes, days: Number(days) } })).data));
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); add.mutate(undefined); }}>
      <TextInput label={t('tokens.name')} required maxLength={100} value={name} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <MultiSelect label={t('tokens.scopes')} searchable value={scopes} data={session.rights.filter((right) => !NEVER_A_SCOPE.includes(right))} onChange={(chosen) => setScopes(chosen as Right[])} />
      <NumberInput label={t('tokens.days')} required min={1} max={DAYS_MAX} value={days} onChange={setDays} hideControls />
      {add.error ? <Problem error={add.error} /> : null}
      <Group justify="flex-end"><Button type="submit" loading={add.isPending} disabled={scopes.length === 0}>{t('tokens.make')}</Button></Group>
    </Stack>
  );
}
