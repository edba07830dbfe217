// Mantine's colours where they are too pale for WCAG 2.1 AA.
import type { CSSVariablesResolver } from '@mantine/core';

export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6470',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c21f1f',
    '--mantine-color-anchor': '#1a5fb4',
  },
  dark: {
    '--mantine-color-dimmed': '#a6adb8',
    '--mantine-color-placeholder': '#9aa1ac',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-anchor': '#8fbcff',
  },
});
