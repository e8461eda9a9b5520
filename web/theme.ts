import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Deep teal: calm beside figures, and dark enough for white text on its sixth shade. */
const teal: MantineColorsTuple = [
  '#e9f4f6',
  '#d3e5e9',
  '#a6cbd3',
  '#76b0bd',
  '#4f99a9',
  '#33808f',
  '#216878',
  '#1f4e5f',
  '#183f4d',
  '#0f2c37',
];

/** The dark scheme's own greys: inputs and menus of the library stand on the page's sheets. */
const dark: MantineColorsTuple = [
  '#e6ebee',
  '#c3ced4',
  '#a3b0b8',
  '#7d8b94',
  '#3a474f',
  '#2d383f',
  '#212b31',
  '#1a2227',
  '#12181c',
  '#0d1214',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 6, dark: 5 },
  colors: { teal, dark },
  fontFamily: [
    'Inter',
    '"Segoe UI Variable Text"',
    '"Segoe UI"',
    '-apple-system',
    '"Helvetica Neue"',
    '"Liberation Sans"',
    'sans-serif',
  ].join(', '),
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
