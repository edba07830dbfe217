// The frame of every screen: its heading, what can be done, and what is shown while there is nothing.
import { Alert, Anchor, Box, Breadcrumbs, Button, Group, List, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';
import { ApiError } from '../api/client';
import { useSpeech } from '../i18n';

interface PageProps {
  title: string;
  above?: { to: string; label: string };
  badge?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, above, badge, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Carillon`;
  }, [title]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <Box>
          {above && (
            <Breadcrumbs mb={2}>
              <Anchor component={Link} to={above.to} size="sm">{above.label}</Anchor>
            </Breadcrumbs>
          )}
          <Group gap="sm">
            <Title order={1} size="h2">{title}</Title>
            {badge}
          </Group>
        </Box>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  );
}

export function Section({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <Box component="section" aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">{title}</Title>
        {actions}
      </Group>
      {children}
    </Box>
  );
}

export function Loading() {
  const { t } = useSpeech();
  return (
    <Group role="status" p="md" gap="sm">
      <Loader size="sm" aria-hidden />
      <Text size="sm" c="dimmed">{t('common.loading')}</Text>
    </Group>
  );
}

function headline(error: unknown, t: ReturnType<typeof useSpeech>['t']): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t('error.network');
  if (error.status === 412) return t('error.changed');
  return error.message || t(error.status === 404 ? 'error.notFound' : 'error.title');
}

export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useSpeech();
  if (!error) return null;
  const errors = error instanceof ApiError ? error.errors : [];
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t('error.title')} role="alert">
      <Text size="sm">{headline(error, t)}</Text>
      {errors.length > 0 && (
        <List size="sm" mt="xs">
          {errors.map((one, at) => (
            <List.Item key={at}>
              {(one.pointer || one.place) && <Text span fw={600} size="sm">{one.pointer || one.place}: </Text>}
              {one.detail}
            </List.Item>
          ))}
        </List>
      )}
      {error instanceof ApiError && error.code && (
        <Text size="xs" mt="xs">{t('error.code', { code: error.code })}</Text>
      )}
      {again && <Button mt="xs" size="xs" variant="light" color="red" onClick={again}>{t('common.retry')}</Button>}
    </Alert>
  );
}

// Says what belongs here and how it comes to be.
export function Empty({ title, text, action }: { title: string; text?: string; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl">
      <Text fw={600}>{title}</Text>
      {text && <Text size="sm" c="dimmed" maw={480} ta="center">{text}</Text>}
      {action}
    </Stack>
  );
}

// What every question to the API has in common.
export function Asked<T>({ query, children }: {
  query: { data?: T; error: unknown; isPending: boolean; refetch: () => unknown };
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{query.error ? <Problem error={query.error} /> : null}{children(query.data)}</>;
  if (query.error) return <Problem error={query.error} again={() => void query.refetch()} />;
  return <Loading />;
}
