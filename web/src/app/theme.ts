// Mantine's colours where they are too pale for WCAG 2.1 AA.
import type { CSSVariablesResolver } from '@mantine/core';

// White letters on them can be read in both themes.
const filled = {
  '--mantine-color-green-filled': '#25793a',
  '--mantine-color-green-filled-hover': '#1d6430',
  '--mantine-color-orange-filled': '#b84a08',
  '--mantine-color-orange-filled-hover': '#9a3d05',
  '--mantine-color-red-filled': '#c02626',
  '--mantine-color-red-filled-hover': '#a61e1e',
};

export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...filled,
    '--mantine-color-dimmed': '#5b6470',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c21f1f',
    '--mantine-color-anchor': '#1a5fb4',
    '--mantine-color-blue-light-color': '#14539a',
    '--mantine-color-green-light-color': '#1d6430',
    '--mantine-color-teal-light-color': '#06694b',
    '--mantine-color-cyan-light-color': '#0a5f73',
    '--mantine-color-yellow-light-color': '#7d5200',
    '--mantine-color-orange-light-color': '#9a3404',
    '--mantine-color-red-light-color': '#a61e1e',
  },
  dark: {
    ...filled,
    '--mantine-color-dimmed': '#a6adb8',
    '--mantine-color-placeholder': '#9aa1ac',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-anchor': '#8fbcff',
  },
});
