// Carillon's rule (docs/segments.md) as the tree of react-querybuilder, and back. A rule that is not a plain comparison
// becomes a leaf whose field is its key and whose value is its content, so that nothing is lost on the way.
import type { RuleGroupType, RuleType } from 'react-querybuilder';

export type Rule =
  | { all: Rule[] }
  | { any: Rule[] }
  | { not: Rule }
  | { field: string; op: string; value?: Value }
  | Special;
export type Value = string | number | boolean | (string | number | boolean)[];
export type Special = { [key in SpecialKey]?: unknown };

export const SPECIAL = ['anniversary', 'contract', 'contact', 'consent', 'received', 'responded', 'segment', 'random', 'relation'] as const;
export type SpecialKey = (typeof SPECIAL)[number];
export const HOLDS = 'holds'; // the operator of special rules

export const WITHOUT_VALUE = ['is_missing', 'has_value'];

const isGroup = (node: RuleGroupType | RuleType): node is RuleGroupType => 'rules' in node;

// Ids keep an input's focus while its rule changes.
let last = 0;
const newId = () => `r${++last}`;

function leafOf(rule: Rule): RuleType {
  if ('field' in rule) return { id: newId(), field: rule.field, operator: rule.op, value: rule.value };
  const key = SPECIAL.find((one) => one in rule);
  if (!key) throw new Error(`unknown rule: ${Object.keys(rule).join(', ')}`);
  return { id: newId(), field: key, operator: HOLDS, value: (rule as Special)[key] };
}

function nodeOf(rule: Rule): RuleGroupType | RuleType {
  if ('all' in rule) return { id: newId(), combinator: 'and', not: false, rules: rule.all.map(nodeOf) };
  if ('any' in rule) return { id: newId(), combinator: 'or', not: false, rules: rule.any.map(nodeOf) };
  if ('not' in rule) {
    const inner = nodeOf(rule.not);
    return isGroup(inner) && !inner.not
      ? { ...inner, not: true }
      : { id: newId(), combinator: 'and', not: true, rules: [inner] };
  }
  return leafOf(rule);
}

export function treeOf(rule: Rule): RuleGroupType {
  const node = nodeOf(rule);
  return isGroup(node) ? node : { id: newId(), combinator: 'and', not: false, rules: [node] };
}

function ruleOfNode(node: RuleGroupType | RuleType): Rule {
  if (!isGroup(node)) {
    if ((SPECIAL as readonly string[]).includes(node.field)) return { [node.field]: node.value } as Special;
    if (WITHOUT_VALUE.includes(node.operator)) return { field: node.field, op: node.operator };
    return { field: node.field, op: node.operator, value: node.value as Value };
  }
  const rules = (node.rules as (RuleGroupType | RuleType)[]).map(ruleOfNode);
  const group: Rule = node.combinator === 'or' ? { any: rules } : { all: rules };
  if (!node.not) return group;
  // "not" of one rule needs no group around it.
  return { not: rules.length === 1 && node.combinator === 'and' ? rules[0]! : group };
}

export const ruleOf = (tree: RuleGroupType): Rule => ruleOfNode(tree);

// A rule somebody is still writing: an empty value is not asked about yet.
export function isWhole(rule: Rule): boolean {
  if ('all' in rule) return rule.all.every(isWhole);
  if ('any' in rule) return rule.any.every(isWhole);
  if ('not' in rule) return isWhole(rule.not);
  if ('field' in rule) {
    if (WITHOUT_VALUE.includes(rule.op)) return true;
    return Array.isArray(rule.value)
      ? rule.value.length > 0 && rule.value.every((one) => one !== '')
      : rule.value !== undefined && rule.value !== '';
  }
  if ('segment' in rule) return Boolean(rule.segment);
  for (const key of ['received', 'responded'] as const)
    if (key in rule) return Boolean((rule[key] as { campaign?: string }).campaign);
  if ('contract' in rule) {
    const where = (rule.contract as { where?: Rule[] }).where ?? [];
    return where.every(isWhole);
  }
  return true;
}
