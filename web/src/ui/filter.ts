// A filter that lives in the address. Typing replaces the entry in the history instead of adding one for each letter.
import { useSearchParams } from 'react-router';

export function useFilter<K extends string>(names: readonly K[]) {
  const [parameters, setParameters] = useSearchParams();
  const filter = Object.fromEntries(names.map((name) => [name, parameters.get(name) ?? ''])) as Record<K, string>;
  const change = (wanted: Partial<Record<K, string>>) => {
    if ((Object.entries(wanted) as [K, string][]).every(([name, value]) => filter[name] === value)) return;
    setParameters((now) => {
      const next = new URLSearchParams(now);
      for (const [name, value] of Object.entries(wanted) as [K, string][])
        if (value) next.set(name, value);
        else next.delete(name);
      next.delete('page'); // of another list
      return next;
    }, { replace: true });
  };
  return [filter, change] as const;
}
