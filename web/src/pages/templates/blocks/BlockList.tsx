// One list of blocks; each opens its form in place. Blocks are moved by dragging their handle or, with the handle in focus,
// by the arrow keys.
import { ActionIcon, Badge, Box, Button, Group, Menu, SegmentedControl, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconAlertCircle, IconCopy, IconGripVertical, IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef, useState, type DOMAttributes, type PointerEvent } from 'react';
import { translate, useSpeech } from '../../../i18n';
import { BlockForm } from './BlockForm';
import classes from './blocks.module.css';
import type { Desk } from './desk';
import { roomIn } from './html';
import { cloned, fresh, languageOf, LEAVES, moved, newId, wordsOf, type Block, type Columns, type Condition, type Kind, type Leaf } from './model';

interface ListProps<B extends Block> {
  label: string;
  blocks: B[];
  set: (blocks: B[]) => void;
  kinds: readonly B['kind'][];
  desk: Desk;
  add: string;
}

export function BlockList<B extends Block>({ label, blocks, set, kinds, desk, add }: ListProps<B>) {
  const { t } = useSpeech();
  const list = useRef<HTMLUListElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const [said, setSaid] = useState('');
  const move = (from: number, to: number) => {
    const next = moved(blocks, from, to);
    if (next === blocks) return;
    set(next);
    setSaid(t('blocks.moved', { what: t(`block.${blocks[from]!.kind}`), n: to + 1, of: blocks.length }));
    const { id } = blocks[from]!;
    // The row is moved in the page: its handle keeps the keyboard.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-handle="${id}"]`)?.focus());
  };
  const dragTo = (event: PointerEvent) => {
    if (!drag) return;
    const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
    const to = rows.findIndex((row) => event.clientY < row.bottom);
    setDrag({ ...drag, to: to < 0 ? rows.length - 1 : to });
  };
  const insert = (kind: B['kind']) => {
    const block = fresh(kind, { unsubscribe: translate(languageOf(desk.locale), 'blocks.unsubscribeWords') }) as B;
    // A new block stands before the footer: that is the end of a mail.
    const end = blocks.at(-1)?.kind === 'footer' && kind !== 'footer' ? blocks.length - 1 : blocks.length;
    set([...blocks.slice(0, end), block, ...blocks.slice(end)]);
    desk.choose(block.id);
  };
  return (
    <Stack gap={6}>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <ul ref={list} className={classes.list} aria-label={label}>
        {blocks.map((block, at) => (
          <Row key={block.id} block={block} at={at} of={blocks.length} desk={desk} target={drag && drag.to === at && drag.from !== at ? (drag.from < at ? 'below' : 'above') : undefined}
            change={(next) => set(blocks.map((old, index) => (index === at ? next : old)))}
            clone={() => { const copy = cloned(block); set([...blocks.slice(0, at + 1), copy, ...blocks.slice(at + 1)]); desk.choose(copy.id); }}
            remove={() => set(blocks.filter((_, index) => index !== at))}
            moveBy={(by) => move(at, at + by)}
            grip={{
              onPointerDown: (event) => { event.currentTarget.setPointerCapture(event.pointerId); setDrag({ from: at, to: at }); },
              onPointerMove: dragTo,
              onPointerUp: () => { if (drag) move(drag.from, drag.to); setDrag(undefined); },
              onPointerCancel: () => setDrag(undefined),
            }} />
        ))}
      </ul>
      {!desk.readOnly && <Add label={add} kinds={kinds} insert={insert} />}
    </Stack>
  );
}

function Add<K extends Kind>({ label, kinds, insert }: { label: string; kinds: readonly K[]; insert: (kind: K) => void }) {
  const { t } = useSpeech();
  return (
    <Menu position="bottom-start" withinPortal={false} transitionProps={{ duration: 0 }}>
      <Menu.Target><Button size="compact-xs" variant="light" w="fit-content" leftSection={<IconPlus size={14} aria-hidden />}>{label}</Button></Menu.Target>
      <Menu.Dropdown>{kinds.map((kind) => <Menu.Item key={kind} onClick={() => insert(kind)}>{t(`block.${kind}`)}</Menu.Item>)}</Menu.Dropdown>
    </Menu>
  );
}

interface RowProps<B extends Block> {
  block: B;
  at: number;
  of: number;
  desk: Desk;
  target: 'above' | 'below' | undefined;
  change: (block: B) => void;
  clone: () => void;
  remove: () => void;
  moveBy: (by: number) => void;
  grip: Pick<DOMAttributes<HTMLButtonElement>, 'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel'>;
}

function Row<B extends Block>({ block, at, of, desk, target, change, clone, remove, moveBy, grip }: RowProps<B>) {
  const { t } = useSpeech();
  const what = t(`block.${block.kind}`);
  const isOpen = desk.chosen === block.id || (block.kind === 'columns' && block.columns.flat().some((one) => one.id === desk.chosen));
  const mistakes = desk.mistakes.get(block.id) ?? [];
  return (
    <li className={[classes.row, target && classes[target]].filter(Boolean).join(' ')} data-kind={block.kind}>
      <Group gap={4} wrap="nowrap">
        {!desk.readOnly && (
          <ActionIcon variant="subtle" color="gray" size="sm" className={classes.grip} data-handle={block.id} title={t('blocks.moveHint')} aria-label={t('blocks.move', { what, n: at + 1, of })} {...grip}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
              event.preventDefault();
              moveBy(event.key === 'ArrowUp' ? -1 : 1);
            }}><IconGripVertical size={15} aria-hidden /></ActionIcon>
        )}
        <UnstyledButton className={classes.words} aria-expanded={isOpen} onClick={() => desk.choose(isOpen ? '' : block.id)}>
          <Text span size="xs" c="dimmed" mr={6}>{what}{' '}</Text>
          <Text span size="sm" lineClamp={1} fw={block.kind === 'heading' ? 600 : undefined}>{wordsOf(block).trim() || (block.kind === 'divider' ? '———' : t('blocks.nothing'))}</Text>
        </UnstyledButton>
        {block.when?.field && <When when={block.when} lists={desk.lists} />}
        {mistakes.length > 0 && <IconAlertCircle size={16} color="var(--mantine-color-error)" role="img" aria-label={mistakes.join('; ')} />}
        {!desk.readOnly && (
          <>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('blocks.clone', { what, n: at + 1 })} onClick={clone}><IconCopy size={14} aria-hidden /></ActionIcon>
            <ActionIcon variant="subtle" color="red" size="sm" aria-label={t('blocks.remove', { what, n: at + 1 })} onClick={remove}><IconTrash size={14} aria-hidden /></ActionIcon>
          </>
        )}
      </Group>
      {isOpen && mistakes.map((one) => <Text key={one} size="xs" c="red" pl={30}>{one}</Text>)}
      {isOpen && (
        <BlockForm block={block} change={change} desk={desk}>
          {block.kind === 'columns' && <ColumnsForm block={block} put={(columns) => change({ ...block, columns })} desk={desk} />}
        </BlockForm>
      )}
    </li>
  );
}

function When({ when, lists }: { when: Condition; lists: string[] }) {
  const { t } = useSpeech();
  const key = !when.has ? 'blocks.unless' : lists.includes(when.field) ? 'blocks.each' : 'blocks.onlyIf';
  return <Badge size="sm" variant="light" color="violet" tt="none" style={{ flexShrink: 0 }}>{t(key, { field: when.field })}</Badge>;
}

function ColumnsForm({ block, put, desk }: { block: Columns; put: (columns: Leaf[][]) => void; desk: Desk }) {
  const { t } = useSpeech();
  const count = (n: number) => put(n > block.columns.length
    ? [...block.columns, [{ id: newId(), kind: 'text', text: '', align: 'left' }]]
    : [...block.columns.slice(0, n - 1), block.columns.slice(n - 1).flat()]);
  return (
    <Stack gap="xs">
      {!desk.readOnly && <SegmentedControl size="xs" w="fit-content" aria-label={t('blocks.columns')} value={String(block.columns.length)} data={['2', '3']} onChange={(value) => count(Number(value))} />}
      <div className={classes.columns}>
        {block.columns.map((column, at) => (
          <Box key={at}>
            <Text size="xs" c="dimmed" mb={2}>{t('blocks.column', { n: at + 1 })}</Text>
            <BlockList label={t('blocks.column', { n: at + 1 })} blocks={column} kinds={LEAVES} desk={{ ...desk, room: roomIn(block.columns.length) }} add={t('blocks.addHere', { n: at + 1 })}
              set={(next) => put(block.columns.map((old, index) => (index === at ? next : old)))} />
          </Box>
        ))}
      </div>
    </Stack>
  );
}
