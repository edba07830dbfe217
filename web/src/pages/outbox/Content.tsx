// The exact message that was sent, as its reader saw it: a mail in its frame, letters and faxes as their pages.
import { Button, Card, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { callFile, type Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useSpeech } from '../../i18n';
import { Asked, Section } from '../../ui/Page';
import { Pages } from '../../ui/Pages';
import { Rendered } from '../../ui/Rendered';

const ON_PAPER = ['letter', 'fax'];
const KIND: Record<string, [string, string]> = { email: ['message/rfc822', 'eml'], letter: ['application/pdf', 'pdf'], fax: ['application/pdf', 'pdf'] };

// Asked for only when wanted: each look is in the audit log.
export function Content({ id, shown: wanted = false }: { id: number; shown?: boolean }) {
  const { t } = useSpeech();
  const [asked, setAsked] = useState(wanted);
  const content = useAsk('/messages/{id}/content', { path: { id } }, { enabled: asked });
  if (!asked)
    return (
      <Section title={t('message.content')}>
        <Text size="sm" mb="xs">{t('message.contentText')}</Text>
        <Button size="xs" variant="default" onClick={() => setAsked(true)}>{t('message.show')}</Button>
      </Section>
    );
  return (
    <Section title={t('message.content')} actions={content.data?.raw && <Download content={content.data} raw={content.data.raw} />}>
      <Asked query={content}>{(shown) => (
        <Card withBorder padding="sm" data-testid="content">
          {shown.template && <Text size="xs" c="dimmed" mb="xs">{t('message.made', { template: shown.template, n: shown.template_version ?? 0, locale: shown.locale ?? '' })}</Text>}
          <Rendered shown={shown} height={520} again={() => content.refetch()} pages={ON_PAPER.includes(shown.channel) ? <Pages name={`message ${shown.id}`} load={(page, signal) => callFile('get', '/messages/{id}/pages/{page}', { path: { id: shown.id, page }, signal })} /> : undefined} />
        </Card>
      )}</Asked>
    </Section>
  );
}

function Download({ content, raw }: { content: Schemas['MessageContent']; raw: string }) {
  const { t } = useSpeech();
  const save = () => {
    const [type, suffix] = KIND[content.channel] ?? ['application/octet-stream', 'bin'];
    const bytes = Uint8Array.from(atob(raw), (one) => one.charCodeAt(0));
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    Object.assign(document.createElement('a'), { href: address, download: `message-${content.id}.${suffix}` }).click();
    URL.revokeObjectURL(address);
  };
  return <Button size="compact-xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>{t('message.raw')}</Button>;
}
