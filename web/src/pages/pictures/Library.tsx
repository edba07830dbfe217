// The library of pictures: what there is, and a place to drop more. Taken from in a dialog, or looked after on its own page.
import { Alert, Box, Button, FileButton, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUpload } from '@tabler/icons-react';
import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import { call, type Schemas } from '../../api/client';
import { useAct, useEndless } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { pictures } from '../../i18n/words/pictures';
import { moreOf } from '../../ui/DataTable';
import { UsedBy } from '../../ui/Marks';
import { Empty, Loading, Problem } from '../../ui/Page';
import classes from './pictures.module.css';

addWords(pictures);

export type Picture = Schemas['Picture'];
const TYPES = 'image/png,image/jpeg,image/gif';
const BYTES_MAX = 1 << 20;

interface Props {
  take?: (picture: Picture) => void; // given: a press on one takes it
  extra?: (picture: Picture) => ReactNode; // below one
}

// One after the other, so that a refusal says which.
function useUpload(done: (added: Picture[]) => void) {
  const { t } = useSpeech();
  return useAct(async (files: File[]) => {
    const added: Picture[] = [];
    try {
      for (const file of files) {
        if (file.size > BYTES_MAX) throw new Error(t('pictures.tooLarge', { file: file.name }));
        added.push((await call('post', '/pictures', { query: { file: file.name }, body: file as unknown as string, type: file.type || 'application/octet-stream' })).data);
      }
    } finally {
      done(added);
      if (added.length > 0) notifications.show({ message: t('pictures.added', { n: added.length }), color: 'green' });
    }
  });
}

export function Library({ take, extra }: Props) {
  const { t } = useSpeech();
  const may = useMay();
  const pages = useEndless('/pictures');
  const [fresh, setFresh] = useState<Picture[]>([]); // stand first: among many they would be sought
  const upload = useUpload((added) => setFresh((before) => [...added, ...before]));
  const mayUpload = may('templates.edit');
  if (pages.error) return <Problem error={pages.error} again={() => void pages.refetch()} />;
  if (!pages.items) return <Loading />;
  const items = pages.items;
  const first = fresh.flatMap(({ id }, at) => (fresh.findIndex((one) => one.id === id) === at ? items.filter((one) => one.id === id) : []));
  const shown = [...first, ...items.filter((one) => !fresh.some(({ id }) => id === one.id))];
  const more = moreOf(pages);
  return (
    <Drop disabled={!mayUpload} drop={(files) => upload.mutate(files)}>
      <Stack gap="sm">
        {pages.data?.pages[0] && !hasAddress(pages.data.pages[0]) && <Alert color="orange" title={t('pictures.noAddress')}>{t('pictures.noAddressText')}</Alert>}
        {mayUpload && <Choose busy={upload.isPending} chosen={(files) => upload.mutate(files)} />}
        {upload.error ? <Problem error={upload.error} /> : null}
        {shown.length === 0
          ? <Empty title={t('pictures.none')} text={t(mayUpload ? 'pictures.noneText' : 'pictures.noneToSee')} />
          : <ul className={classes.grid} aria-label={t('pictures.library')}>{shown.map((one) => <li key={one.id}><Tile picture={one} take={take} extra={extra} /></li>)}</ul>}
        {more.has && <Group justify="center"><Button variant="default" size="xs" loading={more.busy} onClick={more.load}>{t('common.more')}</Button></Group>}
      </Stack>
    </Drop>
  );
}

const hasAddress = (page: object) => (page as Schemas['PicturePage']).public_address !== null;

function Choose({ busy, chosen }: { busy: boolean; chosen: (files: File[]) => void }) {
  const { t } = useSpeech();
  const reset = useRef<() => void>(null);
  return (
    <Group gap="xs">
      <FileButton multiple accept={TYPES} resetRef={reset} onChange={(files) => { if (files.length > 0) chosen(files); reset.current?.(); }}>
        {(props) => <Button {...props} size="xs" loading={busy} leftSection={<IconUpload size={14} aria-hidden />}>{t('pictures.upload')}</Button>}
      </FileButton>
      <Text size="xs" c="dimmed">{t('pictures.drop')}</Text>
    </Group>
  );
}

// Leaving for an element inside is no leaving.
function Drop({ disabled, drop, children }: { disabled: boolean; drop: (files: File[]) => void; children: ReactNode }) {
  const { t } = useSpeech();
  const [over, setOver] = useState(false);
  if (disabled) return <>{children}</>;
  const isFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return (
    <Box className={[classes.area, over && classes.over].filter(Boolean).join(' ')} data-testid="drop"
      onDragOver={(event) => { if (isFiles(event)) { event.preventDefault(); setOver(true); } }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }}
      onDrop={(event) => {
        if (!isFiles(event)) return;
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) drop(files);
      }}>
      {over && <Text size="sm" fw={600} ta="center" role="status">{t('pictures.dropNow')}</Text>}
      {children}
    </Box>
  );
}

function Tile({ picture, take, extra }: Props & { picture: Picture }) {
  const { t } = useSpeech();
  const format = useFormat();
  const about = (
    <>
      <span className={classes.shown}><img src={picture.path} alt="" loading="lazy" /></span>
      <Text span display="block" size="sm" truncate title={picture.file}>{picture.file}{' '}</Text>
      <Text span display="block" size="xs" c="dimmed">{t('pictures.facts', { width: picture.width, height: picture.height, kb: format.number(Math.max(1, Math.round(picture.bytes / 1024))) })}</Text>
    </>
  );
  return (
    <Box className={classes.tile}>
      {take ? <UnstyledButton className={classes.press} disabled={!picture.address} onClick={() => take(picture)}>{about}</UnstyledButton> : about}
      <Text size="xs" c="dimmed" component="div">{picture.used_by.length > 0 ? <UsedBy items={picture.used_by} /> : t('pictures.unused')}</Text>
      {extra?.(picture)}
    </Box>
  );
}
