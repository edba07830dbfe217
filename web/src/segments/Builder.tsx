// The nested builder: react-querybuilder with controls of our own, fed by the catalogue of the API.
import { ActionIcon, Button, SegmentedControl, Select, Switch } from '@mantine/core';
import { IconCopy, IconTrash, type Icon } from '@tabler/icons-react';
import { useMemo } from 'react';
import {
  QueryBuilder, type ActionProps, type CombinatorSelectorProps, type FieldSelectorProps, type NotToggleProps,
  type OperatorSelectorProps, type RuleGroupType,
} from 'react-querybuilder';
import { useSpeech } from '../i18n';
import './builder.css';
import { defaultOf, type Catalogue } from './catalogue';
import { HOLDS, SPECIAL, type SpecialKey } from './tree';
import { ValueEditor } from './ValueEditor';

interface Option { name: string; label: string }
type Options = readonly (Option | { label: string; options: readonly Option[] })[];

const optionsOf = (list: unknown) =>
  (list as Options).map((one) => ('options' in one
    ? { group: one.label, items: one.options.map(({ name, label }) => ({ value: name, label })) }
    : { value: one.name, label: one.label }));

function Chooser({ label, width, ...p }: (FieldSelectorProps | OperatorSelectorProps) & { label: string; width: number }) {
  return (
    <Select aria-label={label} size="xs" w={width} searchable allowDeselect={false} data={optionsOf(p.options)}
      value={p.value ?? null} disabled={p.disabled} onChange={(value) => value && p.handleOnChange(value)} />
  );
}

function FieldChooser(p: FieldSelectorProps) {
  const { t } = useSpeech();
  return <Chooser {...p} label={t('builder.field')} width={190} />;
}

function OperatorChooser(p: OperatorSelectorProps) {
  const { t } = useSpeech();
  return (p.options as unknown[]).length > 1 ? <Chooser {...p} label={t('builder.operator')} width={130} /> : null;
}

function Combinator(p: CombinatorSelectorProps) {
  const { t } = useSpeech();
  return (
    <SegmentedControl size="xs" aria-label={t('builder.combinator')} value={p.value ?? 'and'} disabled={p.disabled} onChange={p.handleOnChange}
      data={[{ value: 'and', label: t('builder.and') }, { value: 'or', label: t('builder.or') }]} />
  );
}

function NotToggle(p: NotToggleProps) {
  const { t } = useSpeech();
  return <Switch size="xs" label={t('builder.not')} checked={Boolean(p.checked)} disabled={p.disabled} onChange={(event) => p.handleOnChange(event.currentTarget.checked)} />;
}

function add(key: 'builder.addRule' | 'builder.addGroup') {
  return function Add(p: ActionProps) {
    const { t } = useSpeech();
    return <Button size="compact-xs" variant="light" disabled={p.disabled} onClick={(event) => p.handleOnClick(event)}>{t(key)}</Button>;
  };
}

function iconButton(Mark: Icon, key: 'builder.remove' | 'builder.clone', color: string) {
  return function IconAction(p: ActionProps) {
    const { t } = useSpeech();
    return <ActionIcon size="sm" variant="subtle" color={color} aria-label={t(key)} title={t(key)} disabled={p.disabled} onClick={(event) => p.handleOnClick(event)}><Mark size={15} aria-hidden /></ActionIcon>;
  };
}

const Remove = iconButton(IconTrash, 'builder.remove', 'red');
const Clone = iconButton(IconCopy, 'builder.clone', 'gray');

const controls = {
  fieldSelector: FieldChooser, operatorSelector: OperatorChooser, combinatorSelector: Combinator, notToggle: NotToggle,
  valueEditor: ValueEditor, addRuleAction: add('builder.addRule'), addGroupAction: add('builder.addGroup'),
  removeRuleAction: Remove, removeGroupAction: Remove, cloneRuleAction: Clone, cloneGroupAction: Clone,
};

interface Props {
  tree: RuleGroupType;
  setTree: (tree: RuleGroupType) => void;
  catalogue: Catalogue;
  readOnly?: boolean;
}

export function Builder({ tree, setTree, catalogue, readOnly }: Props) {
  const { t, code } = useSpeech();
  const fields = useMemo(() => [
    { label: t('builder.client'), options: catalogue.client.map((field) => ({ name: field.name, label: code('field', field.name) })) },
    { label: t('builder.special'), options: SPECIAL.map((name) => ({ name: name as string, label: code('special', name) })) },
  ], [catalogue, t, code]);
  const isSpecial = (field: string): field is SpecialKey => (SPECIAL as readonly string[]).includes(field);
  const operatorsOf = (field: string) => {
    if (isSpecial(field)) return [{ name: HOLDS, label: '' }];
    const type = catalogue.client.find((one) => one.name === field)?.type ?? 'text';
    return (catalogue.operators[type] ?? []).map((name) => ({ name, label: code('op', name) }));
  };
  return (
    <QueryBuilder query={tree} onQueryChange={setTree} fields={fields} controlElements={controls} context={{ catalogue }}
      getOperators={operatorsOf} getDefaultValue={(rule) => defaultOf(rule.field, rule.operator, catalogue)} combinators={[{ name: 'and', label: 'and' }, { name: 'or', label: 'or' }]}
      showNotToggle showCloneButtons listsAsArrays resetOnFieldChange resetOnOperatorChange disabled={readOnly}
      controlClassnames={{ queryBuilder: 'builder' }} accessibleDescriptionGenerator={() => t('builder.group')} />
  );
}
