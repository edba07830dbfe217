// The same figures as a file; the server makes it.
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useSpeech } from '../../i18n';

const FORMATS = ['xlsx', 'pdf', 'html', 'csv'] as const;

export function Download({ path, query }: { path: string; query: Record<string, string | undefined> }) {
  const { t, language } = useSpeech();
  const address = (format: string) => {
    const search = new URLSearchParams({ format, language });
    for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
    return `/api/v1${path}?${search.toString()}`;
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target><Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>{t('report.download')}</Button></Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map((format) => <Menu.Item key={format} component="a" href={address(format)} download>{t(`report.${format}`)}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}
