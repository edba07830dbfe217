// People who may sign in: their roles, and passwords that are shown once.
import { Alert, Badge, Button, Code, CopyButton, Group, Modal, MultiSelect, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { call, type Schemas } from '../api/client';
import { useAct, useAsk, usePages } from '../api/hooks';
import { useMay, useSession } from '../app/session';
import { addWords, useSpeech } from '../i18n';
import { account } from '../i18n/words/account';
import { Ask, Say } from '../ui/Ask';
import { DataTable } from '../ui/DataTable';
import { When } from '../ui/Marks';
import { Asked, Page, Problem } from '../ui/Page';

addWords(account);
type User = Schemas['User'];
type Role = Schemas['Role'];
const ROLES: Role[] = ['author', 'approver', 'operator', 'data_steward', 'manager', 'auditor', 'admin'];

function RoleChooser({ roles, setRoles }: { roles: Role[]; setRoles: (roles: Role[]) => void }) {
  const { t, code } = useSpeech();
  return <MultiSelect label={t('users.roles')} required value={roles} data={ROLES.map((value) => ({ value, label: code('role', value) }))} onChange={(chosen) => setRoles(chosen as Role[])} />;
}

function Password({ shown }: { shown: Schemas['UserWithPassword'] }) {
  const { t } = useSpeech();
  return (
    <Alert color="green" title={t('users.password', { name: shown.user.name })}>
      <Group><Code fz="md">{shown.password}</Code><CopyButton value={shown.password}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{t(copied ? 'users.copied' : 'users.copy')}</Button>}</CopyButton></Group>
      <Text size="sm" mt="xs">{t('users.passwordText')}</Text>
    </Alert>
  );
}

function NewUser({ close, made }: { close: () => void; made: (user: Schemas['UserWithPassword']) => void }) {
  const { t } = useSpeech();
  const [name, setName] = useState('');
  const [fullName, setFullName] = useState('');
  const [roles, setRoles] = useState<Role[]>([]);
  const add = useAct(async () => {
    made((await call('post', '/users', { body: { name, full_name: fullName, roles } })).data);
    close();
  });
  return (
    <Stack component="form" onSubmit={(event) => { event.preventDefault(); add.mutate(undefined); }}>
      <TextInput label={t('login.user')} required pattern="[a-z0-9][a-z0-9._\-]{0,63}" description={t('common.nameHint')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label={t('users.fullName')} value={fullName} onChange={(event) => setFullName(event.currentTarget.value)} />
      <RoleChooser roles={roles} setRoles={setRoles} />
      {add.error ? <Problem error={add.error} /> : null}
      <Button type="submit" loading={add.isPending} disabled={roles.length === 0}>{t('users.add')}</Button>
    </Stack>
  );
}

function EditUser({ user, etag, close }: { user: User; etag: string; close: () => void }) {
  const { t } = useSpeech();
  const [fullName, setFullName] = useState(user.full_name);
  const [roles, setRoles] = useState<Role[]>(user.roles);
  const [branches, setBranches] = useState(user.branches);
  const [active, setActive] = useState(user.status === 'active');
  const change = useAct(async () => {
    await call('put', '/users/{user}', { path: { user: user.name }, etag, body: { full_name: fullName, roles, branches, status: active ? 'active' : 'disabled' } });
    close();
  });
  return (
    <Stack component="form" onSubmit={(event) => { event.preventDefault(); change.mutate(undefined); }}>
      <TextInput label={t('users.fullName')} value={fullName} onChange={(event) => setFullName(event.currentTarget.value)} />
      <RoleChooser roles={roles} setRoles={setRoles} />
      <TagsInput label={t('users.branches')} placeholder={branches.length ? undefined : t('common.all')} value={branches} onChange={setBranches} clearable clearButtonProps={{ 'aria-label': t('common.delete') }} />
      <Switch label={t('users.active')} checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />
      <Text size="sm" c="dimmed">{t('users.endsSessions')}</Text>
      {change.error ? <Problem error={change.error} /> : null}
      <Button type="submit" loading={change.isPending} disabled={roles.length === 0}>{t('common.save')}</Button>
    </Stack>
  );
}

function Edit({ name, close }: { name: string; close: () => void }) {
  const user = useAsk('/users/{user}', { path: { user: name } });
  return <Asked query={user}>{(data) => <EditUser user={data} etag={user.etag} close={close} />}</Asked>;
}

export default function Users() {
  const { t, code } = useSpeech();
  const may = useMay();
  const { session } = useSession();
  const pages = usePages('/users');
  const [opened, setOpened] = useState<string>(); // '' : a new one
  const [shown, setShown] = useState<Schemas['UserWithPassword']>();
  const [losing, setLosing] = useState<string>();
  const [resetting, setResetting] = useState<string>();
  const resetTotp = useAct(async (user: string) => { await call('delete', '/users/{user}/totp', { path: { user } }); });
  const reset = useAct(async (user: string) => setShown((await call('post', '/users/{user}/password', { path: { user } })).data));
  const manages = may('users.manage');
  return (
    <Page title={t('nav.users')} actions={manages && <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setOpened('')}>{t('users.add')}</Button>}>
      {shown && <Password shown={shown} />}
      <DataTable label={t('nav.users')} rows={pages.items} error={pages.error} id={(row) => row.name} turning={pages.turning} columns={[
        { name: 'name', title: t('login.user'), order: (row) => row.name, cell: (row) => row.name },
        { name: 'full', title: t('users.fullName'), order: (row) => row.full_name, cell: (row) => row.full_name },
        { name: 'roles', title: t('users.roles'), cell: (row) => row.roles.map((one) => code('role', one)).join(', ') },
        { name: 'branches', title: t('users.branches'), cell: (row) => row.branches.join(', ') || t('common.all') },
        { name: 'status', title: t('common.state'), order: (row) => row.status, cell: (row) => <Badge variant="light" color={row.status === 'active' ? 'green' : 'gray'}>{code('user', row.status)}</Badge> },
        { name: 'totp', title: t('users.totp'), cell: (row) => t(row.totp ? 'common.yes' : 'common.no') },
        { name: 'seen', title: t('users.seen'), order: (row) => row.last_seen_at ?? '', cell: (row) => <When at={row.last_seen_at} /> },
        {
          name: 'do', title: t('common.actions'),
          cell: (row) => manages && row.name !== session.user && (
            <Group gap={6} wrap="nowrap">
              <Button size="compact-xs" variant="default" onClick={() => setOpened(row.name)}>{t('users.change')}</Button>
              <Button size="compact-xs" variant="subtle" onClick={() => setResetting(row.name)}>{t('users.reset')}</Button>
              {row.totp && <Button size="compact-xs" variant="subtle" onClick={() => setLosing(row.name)}>{t('users.resetTotp')}</Button>}
            </Group>
          ),
        },
      ]} />
      <Modal opened={opened !== undefined} onClose={() => setOpened(undefined)} title={opened || t('users.add')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {opened === '' && <NewUser close={() => setOpened(undefined)} made={setShown} />}
        {opened && <Edit name={opened} close={() => setOpened(undefined)} />}
      </Modal>
      <Ask opened={losing !== undefined} close={() => setLosing(undefined)} title={t('users.resetTotp')} action={t('users.resetTotp')} color="red" act={() => resetTotp.mutateAsync(losing!)}>
        <Say>{t('users.resetTotpText', { name: losing ?? '' })}</Say>
      </Ask>
      <Ask opened={resetting !== undefined} close={() => setResetting(undefined)} title={t('users.reset')} action={t('users.reset')} color="orange" act={() => reset.mutateAsync(resetting!)}>
        <Say>{t('users.resetText', { name: resetting ?? '' })}</Say>
      </Ask>
    </Page>
  );
}
