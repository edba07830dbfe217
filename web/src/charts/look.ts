// Colours of charts in both themes; each stands out from its ground by 3:1 and from its neighbours in lightness.
export interface Look {
  dark: boolean;
  text: string;
  dim: string;
  line: string;
  ground: string;
  series: string[];
  good: string;
  bad: string;
  heat: [string, string];
}

const light: Look = {
  dark: false, text: '#212529', dim: '#495057', line: '#ced4da', ground: '#ffffff',
  series: ['#1864ab', '#d9480f', '#2b8a3e', '#862e9c', '#0b7285', '#a61e4d', '#5f3dc4', '#846000'],
  good: '#2b8a3e', bad: '#c92a2a', heat: ['#eef4fb', '#0b4a8a'],
};

const dark: Look = {
  dark: true, text: '#e9ecef', dim: '#ced4da', line: '#495057', ground: '#242424',
  series: ['#74c0fc', '#ffa94d', '#8ce99a', '#e599f7', '#66d9e8', '#faa2c1', '#b197fc', '#ffe066'],
  good: '#8ce99a', bad: '#ff8787', heat: ['#2b3035', '#a5d8ff'],
};

export const lookOf = (scheme: 'light' | 'dark'): Look => (scheme === 'dark' ? dark : light);
export const colourOf = (look: Look, at: number) => look.series[at % look.series.length]!;
