// Which column is which field, as a mapping (docs/schema/mapping.schema.json).
import type { Schemas } from '../api/client';

export function mappingOf(upload: Pick<Schemas['Upload'], 'kind'>, chosen: Record<string, string>) {
  const fields = Object.fromEntries(Object.entries(chosen).map(([column, field]) => [field, column]));
  return { kind: upload.kind, fields };
}
